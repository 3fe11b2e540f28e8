/** bin/ttlscope in a checkout, in a checkout before set-up, and in a published package. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const test = suite<{ directory: string }>('');
test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'ttlscope-bin-'));
  cpSync(join(ROOT, 'bin'), join(context.directory, 'bin'), { recursive: true });
  write(context.directory, 'package.json', JSON.stringify({ type: 'module' }));
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true }));

function write(directory: string, path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

function run(directory: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(directory, 'bin/ttlscope'), args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const SOURCE = "const from: string = 'source'; console.log(from, ...process.argv.slice(2));";

test('runs the source in a checkout, though it was compiled as well', ({ directory }) => {
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  write(directory, 'src/cli.ts', SOURCE);
  write(directory, 'dist/cli.js', "console.log('dist');");
  assert.equal(run(directory, 'run', '--quiet'), { status: 0, stdout: 'source run --quiet\n', stderr: '' });
});

test('says in one line what to type where node_modules is missing', ({ directory }) => {
  write(directory, 'src/cli.ts', SOURCE);
  const { status, stderr } = run(directory);
  assert.is(status, 1);
  assert.match(stderr, /^.*node setup\.mjs\n$/);
});

test('runs what was compiled in a published package', ({ directory }) => {
  write(directory, 'dist/cli.js', "console.log('dist', ...process.argv.slice(2));");
  assert.equal(run(directory, '--help'), { status: 0, stdout: 'dist --help\n', stderr: '' });
});

test.run();
