import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { prepareOutDir, writeReports, writeResult } from '../../src/report/result-files.ts';
import { makeResult } from './make-result.ts';

let dir: string;
test.before.each(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ttlscope-out-'));
});
test.after.each(() => rm(dir, { recursive: true }));

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

test('the directory is made, its parents too, and left empty', async () => {
  const out = join(dir, 'a', 'b');
  await prepareOutDir(out);
  assert.equal(await readdir(out), []);
});

test('a result of an earlier run stays until the next is written', async () => {
  await writeFile(join(dir, 'result.json'), 'earlier');
  await prepareOutDir(dir);
  assert.is(await readFile(join(dir, 'result.json'), 'utf8'), 'earlier');
});

test('a directory that cannot be made is an error that names it', async () => {
  await writeFile(join(dir, 'file'), '');
  const message = await failure(prepareOutDir(join(dir, 'file', 'out')));
  assert.ok(message.includes(join(dir, 'file', 'out')), message);
  assert.match(message, /not a directory/);
});

test('a file in the place of the directory is an error that names it', async () => {
  await writeFile(join(dir, 'file'), '');
  const message = await failure(prepareOutDir(join(dir, 'file')));
  assert.ok(message.includes(join(dir, 'file')), message);
});

test('a full disk is found out before the load, by name', async () => {
  await symlink('/dev/full', join(dir, 'result.json.partial'));
  const message = await failure(prepareOutDir(dir));
  assert.ok(message.includes(dir), message);
  assert.match(message, /no space left/);
});

test('the result is written whole, with nothing beside it; its reports go there too', async () => {
  const result = makeResult();
  await writeResult(dir, result);
  assert.equal(await readdir(dir), ['result.json']);
  assert.equal(JSON.parse(await readFile(join(dir, 'result.json'), 'utf8')), result);
  await writeReports(dir, result);
  assert.equal((await readdir(dir)).sort(), ['junit.xml', 'lag.hgrm', 'report.html', 'result.json']);
});

test('a report that cannot be written costs none of the others, and is told', async () => {
  await symlink('/dev/full', join(dir, 'junit.xml'));
  const message = await failure(writeReports(dir, makeResult()));
  assert.match(message, /junit\.xml: no space left/);
  assert.equal((await readdir(dir)).sort(), ['junit.xml', 'lag.hgrm', 'report.html']);
});

test('a result that cannot be written leaves the earlier one as it was', async () => {
  await writeFile(join(dir, 'result.json'), 'earlier');
  await symlink('/dev/full', join(dir, 'result.json.partial'));
  const message = await failure(writeResult(dir, makeResult()));
  assert.match(message, /result\.json: no space left/);
  assert.is(await readFile(join(dir, 'result.json'), 'utf8'), 'earlier');
  assert.is((await stat(join(dir, 'result.json'))).isFile(), true);
});

test.run();
