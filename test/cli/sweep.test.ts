import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Sweep, sweepSchema } from '../../src/experiment/sweep-file.ts';
import { assertLaw } from '../support/law.ts';
import { startCli } from '../support/run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-cli-sweep-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const path = join(directory, 'short.yml');
writeFileSync(
  path,
  `duration: 500ms
cutoff: 200ms
cohorts:
  idle: { sessions: 200, ttl: 1h }
  due: { arrivals: 100/s, ttl: 100ms }
sweep:
  over: { hz: [100] }
  repeats: 2
`,
);

const out = (name: string): string => join(directory, name);
const cli = async (...args: string[]) => startCli(args).ended;

function read(dir: string): Sweep {
  const sweep = sweepSchema.parse(JSON.parse(readFileSync(join(dir, 'sweep.json'), 'utf8')));
  for (const { runs } of sweep.cells) for (const run of runs) if (run.state === 'measured') assertLaw(run.result);
  return sweep;
}

const runsOf = ({ cells }: Sweep) => cells.flatMap(({ runs }) => runs);

/** Resolves when the file is there. */
async function appears(dir: string, name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(dir, () => {
      if (!existsSync(join(dir, name))) return;
      watcher.close();
      resolve();
    });
  });
}

const sweeps = suite('sweep');

sweeps('killed after its first run it is gone on with, with what is done; then compared with itself', async () => {
  const dir = mkdtempSync(join(directory, 'killed-'));
  const killed = startCli(['sweep', path, '--out', dir]);
  await Promise.all([appears(dir, 'sweep.json'), killed.said(/run 2 of 2/)]);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const before = read(dir);
  assert.is(before.state, 'running');
  assert.is(runsOf(before).length, 1);

  const other = await cli('sweep', path, '--resume', dir, '--seed', '9', '--quiet');
  assert.is(other.code, 104);
  assert.match(other.stderr, /^--resume .*: is of another sweep: its scenario, seed differ/);

  const resumed = await cli('sweep', path, '--resume', dir);
  assert.ok([0, 98].includes(resumed.code!), resumed.stderr);
  assert.match(resumed.stderr, /run 2 of 2/);
  assert.not.match(resumed.stderr, /run 1 of 2/);
  assert.match(resumed.stdout, /1 cell, 2 runs each/);
  assert.ok(resumed.stdout.includes(`sweep: ${join(dir, 'sweep.json')}`));
  const after = read(dir);
  assert.is(after.state, 'complete');
  assert.is(runsOf(after).length, 2);
  assert.ok(JSON.stringify(after).includes(JSON.stringify(runsOf(before)[0])), 'the first run is kept as it was');
  assert.ok(resumed.stdout.includes(`report: ${join(dir, 'report.html')}`));
  assert.equal(readdirSync(dir).sort(), ['report.html', 'sweep.json']);

  const same = await cli('compare', dir, join(dir, 'sweep.json'));
  assert.ok([0, 98].includes(same.code!), same.stderr);
  assert.match(same.stdout, /hz=100\n/);
  assert.match(same.stdout, /within the spread/);
  assert.not.match(same.stdout, /Not the same|worse|better/);
});

sweeps('Ctrl-C discards the present run and writes the sweep, aborted: 105', async () => {
  const dir = out('interrupted');
  const sweep = startCli(['sweep', path, '--over', 'hz=10,20,30', '--repeats', '1', '--out', dir]);
  await sweep.said(/run 2 of 3/);
  sweep.child.kill('SIGINT');
  const { code, stdout } = await sweep.ended;
  assert.is(code, 105, stdout);
  assert.match(stdout, /ABORTED: 1 made/);
  const written = read(dir);
  assert.is(written.state, 'aborted');
  assert.is(runsOf(written).length, 1);
});

sweeps('a file that can no longer be written ends it, by name; what was measured is printed: 1', async () => {
  const sweep = startCli(['sweep', path, '--out', out('vanishing')]);
  await sweep.said(/run 2 of 2/);
  rmSync(out('vanishing'), { recursive: true });
  const { code, stdout, stderr } = await sweep.ended;
  assert.is(code, 1);
  assert.ok(stderr.includes(`cannot write ${join(out('vanishing'), 'sweep.json')}`), stderr);
  assert.match(stdout, /NOT COMPLETE: 2 made/);
});

sweeps('a report that cannot be written costs neither the sweep nor what is printed, and is told: 1', async () => {
  mkdirSync(out('unreported'));
  symlinkSync('/dev/full', join(out('unreported'), 'report.html'));
  const { code, stdout, stderr } = await cli('sweep', path, '--repeats', '1', '--quiet', '--out', out('unreported'));
  assert.is(code, 1);
  assert.match(stderr, /report\.html: no space left/);
  assert.match(stdout, /1 cell, 1 run each/);
  assert.is(read(out('unreported')).state, 'complete');
});

sweeps('a cell that fails does not end it: 98; where all fail: 97; --json prints it', async () => {
  const { code, stdout, stderr } = await cli(
    'sweep',
    path,
    '--over',
    'maxclients=1,1000',
    '--repeats',
    '1',
    '--json',
    '--quiet',
    '--out',
    out('bad'),
  );
  assert.is(code, 98, stderr);
  const sweep = sweepSchema.parse(JSON.parse(stdout));
  assert.equal(
    runsOf(sweep).map(({ state }) => state),
    ['failed', 'measured'],
  );
  const all = await cli('sweep', path, '--over', 'maxclients=1', '--out', out('all'));
  assert.is(all.code, 97);
  assert.match(all.stderr, /maxclients=1: a run failed: .*maxclients is reached/);
  assert.match(all.stdout, /No run was valid/);
});

sweeps.run();
