import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MAIN = 'test/fixtures/spawn-worker/main.ts';
const REPLY = '["data","a message",42]\n';

function runNode(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('from source, in a process that was started with tsx', () => {
  assert.equal(runNode('--import', 'tsx', MAIN, 'data'), { status: 0, stdout: REPLY, stderr: '' });
});

test('from source, in a process that registered tsx by itself, as bin/ttlscope does', () => {
  const script = `import { register } from 'tsx/esm/api'; register(); await import('./${MAIN}');`;
  const ran = runNode('--input-type=module', '--eval', script, '-', 'data');
  assert.is(ran.stdout.replace('"-"', '"data"'), REPLY, ran.stderr);
});

test('what the worker throws from source arrives as its error, with the place', () => {
  const { status, stderr } = runNode('--import', 'tsx', MAIN, 'throw');
  assert.is(status, 1);
  assert.match(stderr, 'thrown in the worker');
  assert.match(stderr, 'thread.ts:4');
});

test('compiled, without tsx', () => {
  const out = mkdtempSync(join(tmpdir(), 'ttlscope-dist-'));
  try {
    const config = {
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: { rootDir: ROOT, outDir: out, typeRoots: [join(ROOT, 'node_modules/@types')] },
      include: [join(ROOT, 'src/spawn-worker.ts'), join(ROOT, 'test/fixtures/spawn-worker')],
    };
    writeFileSync(join(out, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(join(out, 'package.json'), JSON.stringify({ type: 'module' }));
    assert.equal(runNode('node_modules/typescript/bin/tsc', '-p', out), { status: 0, stdout: '', stderr: '' });
    const main = join(out, MAIN.replace('.ts', '.js'));
    assert.equal(runNode(main, 'data'), { status: 0, stdout: REPLY, stderr: '' });
  } finally {
    rmSync(out, { recursive: true });
  }
});

test.run();
