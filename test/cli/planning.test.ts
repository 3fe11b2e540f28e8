import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startCli } from '../support/run-cli.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'ttlscope-planning-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const cli = async (...args: string[]) => startCli(args).ended;

test('plan prints what a run would do: 0, warnings or not; overrides count', async () => {
  const { code, stdout, stderr } = await cli('plan', 'scenarios/quickstart.yml', '--set', 'cohorts.visitors.ttl=1h');
  assert.is(code, 0, stderr);
  assert.match(stdout, /^quickstart: 20 s of measurement, the cut-off 10 s after; seed 1$/m);
  assert.match(stdout, /^Warnings\n- no session falls due in the 30 s to the cut-off/m);
  assert.is(stderr, '');
});

test('plan --json is data, the same for the same seed and not for another', async () => {
  const [first, again, other] = await Promise.all(
    ['7', '7', '8'].map((seed) => cli('plan', 'scenarios/quickstart.yml', '--json', '--seed', seed)),
  );
  assert.is(first!.stdout, again!.stdout);
  assert.is.not(first!.stdout, other!.stdout);
  const plan = JSON.parse(first!.stdout);
  assert.is(plan.seed, 7);
  assert.is(plan.cohorts.returning.alive, 10_000);
  assert.equal(plan.warnings, []);
});

test('a scenario with faults is not planned: 104, with the place', async () => {
  const bad = join(directory, 'bad.yml');
  writeFileSync(bad, 'duration: 1s\ncohorts:\n  a: { arrivals: { trace: gone.csv }, ttl: 1s }\n');
  const { code, stdout, stderr } = await cli('plan', bad);
  assert.is(code, 104);
  assert.is(stdout, '');
  assert.match(stderr, /bad\.yml:3:27 cohorts\.a\.arrivals\.trace: .*gone\.csv: no such file/);
});

test('scenarios lists what is shipped, with titles', async () => {
  const { code, stdout } = await cli('scenarios');
  assert.is(code, 0);
  assert.match(stdout, /^quickstart +A shop at default settings/m);
  assert.match(stdout, /^ten-million +Ten million sessions/m);
  assert.not.match(stdout, /yaml-language-server/);
  assert.match(stdout, /run one: ttlscope run scenarios\/\w+/);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
});

test('compiled, as in the package, the commands work as well', () => {
  const folder = join(directory, 'package');
  mkdirSync(folder);
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const built = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.is(built.status, 0, built.stdout);
  for (const part of ['bin', 'scenarios', 'package.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const run = (...args: string[]) =>
    spawnSync(join(folder, 'bin/ttlscope'), args, { cwd: directory, encoding: 'utf8' });
  const listed = run('scenarios');
  assert.match(listed.stdout, /^herd +100,000 sessions/m, listed.stderr);
  assert.match(listed.stdout, /run one: ttlscope run package\/scenarios\//);
  const planned = run('plan', 'package/scenarios/herd.yml');
  assert.match(planned.stdout, /^herd +100,000 +100,000$/m, planned.stderr);
});

test('init writes a scenario that can be run as it is, and never over a file', async () => {
  const file = join(directory, 'new.yml');
  const written = await cli('init', file);
  assert.is(written.code, 0, written.stderr);
  const planned = await cli('plan', file, '--json');
  assert.is(planned.code, 0, planned.stderr);
  assert.equal(JSON.parse(planned.stdout).warnings, []);
  writeFileSync(file, 'mine');
  const again = await cli('init', file);
  assert.is(again.code, 104);
  assert.match(again.stderr, /new\.yml: is there already; name another file/);
  assert.is(readFileSync(file, 'utf8'), 'mine');
  assert.is((await cli('init', join(directory, 'no/such/folder.yml'))).code, 104);
});

test.run();
