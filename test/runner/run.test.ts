import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const fixture = (name: string) => `test/runner/fixtures/${name}.fixture.ts`;

function runTests(args: string[], ci = '') {
  const env = { ...process.env, CI: ci };
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'test/run.ts', ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

test('sums up the tests of all files in the last line, and tells why one was skipped', () => {
  const { status, stdout, lastLine } = runTests([fixture('good')]);
  assert.is(lastLine, '2 passed, 0 failed, 1 skipped');
  assert.is(status, 0);
  assert.match(stdout, 'skipped: three (a fixture)');
});

test('a failed file makes the exit code 1, and its output is shown', () => {
  const { status, stdout, lastLine } = runTests([fixture('good'), fixture('failing'), fixture('without-run')]);
  assert.is(lastLine, '3 passed, 2 failed, 1 skipped');
  assert.is(status, 1);
  assert.match(stdout, 'the reason of the failure');
  assert.match(stdout, `${fixture('without-run')}: ran no test`);
});

test('with CI=true a skipped test has failed', () => {
  const { status, lastLine } = runTests([fixture('good')], 'true');
  assert.is(lastLine, '2 passed, 1 failed');
  assert.is(status, 1);
});

test('a pattern that matches no file is a failure', () => {
  const { status, lastLine } = runTests(['no-such-test']);
  assert.is(lastLine, '0 passed, 0 failed');
  assert.is(status, 1);
});

test.run();
