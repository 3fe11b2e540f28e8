import { mkdir, open, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Result } from '../result/schema.ts';
import { fileError } from './file-error.ts';
import { renderHgrm } from './hgrm.ts';
import { runReport } from './html/run-report.ts';
import { renderJunit } from './junit.ts';

export const RESULT_FILE = 'result.json';
export const REPORT_FILE = 'report.html';
const PROBE_BYTES = 256 * 1024;

/**
 * Makes the directory of a run's results and proves that a result can be written there, before the load starts. A
 * result that is there already stays until the new one takes its place.
 *
 * @throws FileError that names the path: no permission, disk full, a file in the way
 */
export async function prepareOutDir(dir: string): Promise<void> {
  try {
    await makeDirectory(dir);
  } catch (error) {
    throw fileError(dir, error);
  }
  const probe = join(dir, `${RESULT_FILE}.partial`);
  try {
    await writeDurably(probe, Buffer.alloc(PROBE_BYTES, ' '));
  } catch (error) {
    await unlink(probe).catch(() => {});
    throw fileError(probe, error);
  }
  await unlink(probe);
}

/**
 * Writes `result.json`, which comes into being whole or not at all.
 *
 * @throws FileError that names the path
 */
export async function writeResult(dir: string, result: Result): Promise<void> {
  await writeWhole(join(dir, RESULT_FILE), `${JSON.stringify(result, null, 2)}\n`);
}

/** What is written beside it, for people and for CI. */
const REPORTS = { 'lag.hgrm': renderHgrm, [REPORT_FILE]: runReport, 'junit.xml': renderJunit } as const;

/**
 * Writes the reports of a result, each of which can be made again from it.
 *
 * @throws FileError that names the first path that could not be written, when the others have been
 */
export async function writeReports(dir: string, result: Result): Promise<void> {
  const writing = Object.entries(REPORTS).map(([name, render]) => writeText(join(dir, name), () => render(result)));
  const failed = (await Promise.allSettled(writing)).find((settled) => settled.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Not so dearly as a result: on the disk in its own time. */
export async function writeText(path: string, render: () => string): Promise<void> {
  const text = render();
  await writeFile(path, text).catch((error) => {
    throw fileError(path, error);
  });
}

/**
 * Writes a file that comes into being whole or not at all, and is on the disk when this resolves.
 *
 * @throws FileError that names the path
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeDurably(partial, content);
    await rename(partial, path);
  } catch (error) {
    await unlink(partial).catch(() => {});
    throw fileError(path, error);
  }
}

/** mkdir's own `recursive` never returns where the file system says ENOENT of whatever is made, as /proc does. */
async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return;
    if (code !== 'ENOENT' || (await exists(dirname(dir)))) throw error;
    await makeDirectory(dirname(dir));
    await mkdir(dir);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
