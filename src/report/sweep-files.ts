import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { type Sweep, sweepSchema } from '../experiment/sweep-file.ts';
import { type Result, resultSchema } from '../result/schema.ts';
import { FileError, readError } from './file-error.ts';
import { RESULT_FILE, writeWhole } from './result-files.ts';

export const SWEEP_FILE = 'sweep.json';

/** @throws FileError that names the path */
export async function writeSweep(dir: string, sweep: Sweep): Promise<void> {
  await writeWhole(join(dir, SWEEP_FILE), `${JSON.stringify(sweep)}\n`);
}

/**
 * @param path a sweep.json, or the directory that it is in
 * @throws FileError when it cannot be read, or is none
 */
export async function readSweep(path: string): Promise<Sweep> {
  const { file, content } = await read(path, [SWEEP_FILE]);
  return parsed(file, content, sweepSchema);
}

/**
 * @param path a result.json or a sweep.json, or a directory with one; where both are, the sweep counts
 * @throws FileError when it cannot be read, or is neither
 */
export async function readMeasured(path: string): Promise<Result | Sweep> {
  const { file, content } = await read(path, [SWEEP_FILE, RESULT_FILE]);
  const schema = (content as { schema?: unknown } | null)?.schema;
  if (schema === 'ttlscope.result/1') return parsed(file, content, resultSchema);
  if (schema === 'ttlscope.sweep/1') return parsed(file, content, sweepSchema);
  throw new FileError(file, `${file} is neither a result nor a sweep that this version reads: its schema is ${schema}`);
}

async function read(path: string, names: readonly string[]): Promise<{ file: string; content: unknown }> {
  const file = await fileIn(path, names);
  try {
    return { file, content: JSON.parse(await readFile(file, 'utf8')) };
  } catch (error) {
    if (error instanceof SyntaxError) throw new FileError(file, `${file} is not JSON: ${error.message}`);
    throw readError(file, error);
  }
}

/** The first of the names that is in the directory; the path itself when it is none. */
async function fileIn(path: string, names: readonly string[]): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return path;
  } catch (error) {
    throw readError(path, error);
  }
  for (const name of names) {
    const file = join(path, name);
    if (await stat(file).catch(() => null)) return file;
  }
  throw new FileError(path, `there is no ${names.join(' and no ')} in ${path}`);
}

function parsed<T>(file: string, content: unknown, schema: z.ZodType<T>): T {
  const { success, data, error } = schema.safeParse(content);
  if (success) return data;
  const [{ path, message }] = error.issues as [z.core.$ZodIssue];
  throw new FileError(file, `${file} is not as this version writes it: ${path.join('.') || 'it'}: ${message}`);
}
