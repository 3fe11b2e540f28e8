import { getEventListeners } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FIGURE_NAMES } from '../../src/experiment/figures.ts';
import { differences, newSweep, runSweep, type SweepOptions, type SweepSpec } from '../../src/experiment/sweep.ts';
import { type Sweep, type SweptRun, sweepSchema } from '../../src/experiment/sweep-file.ts';
import type { Result } from '../../src/result/schema.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis } from '../support/redis.ts';

const scenario = parseScenario({
  duration: '500ms',
  cutoff: '200ms',
  server: { 'active-expire-effort': 10 },
  cohorts: {
    idle: { sessions: 300, ttl: '1h' },
    due: {
      arrivals: '100/s',
      ttl: '200ms',
      activity: { every: '100ms', for: '300ms' },
      refresh: 'touch',
      logout: '20%',
    },
  },
});

const spec = (changes: Partial<SweepSpec> = {}): SweepSpec => ({
  scenario,
  axes: [{ setting: 'hz', values: ['10', '100'] }],
  repeats: 2,
  server: { endpoint: null, binary: 'redis-server' },
  ...changes,
});

/** Runs it; what was saved each time, as its file would have it. */
async function play(sweep: Sweep, options: Partial<SweepOptions> = {}): Promise<Sweep[]> {
  const saved: Sweep[] = [];
  const save = async () => {
    saved.push(sweepSchema.parse(JSON.parse(JSON.stringify(sweep))));
  };
  await runSweep(sweep, scenario, { save, ...options });
  return saved;
}

function resultsOf({ cells }: Sweep): Result[] {
  const runs: SweptRun[] = cells.flatMap((cell) => cell.runs);
  return runs.flatMap((run) => (run.state === 'measured' ? [run.result] : []));
}

const count = ({ cells }: Sweep): number => cells.reduce((sum, { runs }) => sum + runs.length, 0);

test('every cell is measured under its settings, repeat by repeat; the sums hold in each; it is saved after each run', async () => {
  const sweep = newSweep(spec());
  const progress: [number, number, number][] = [];
  const saved = await play(sweep, {
    onProgress: ({ done, runs, remainingMs }) => progress.push([done, runs, remainingMs]),
  });
  assert.equal(saved.map(count), [1, 2, 3, 4, 4]);
  assert.equal(
    saved[1]!.cells.map(({ runs }) => runs.map(({ repeat }) => repeat)),
    [[0], [0]],
  );
  assert.equal(
    saved.map(({ state }) => state),
    ['running', 'running', 'running', 'running', 'complete'],
  );
  for (const { settings, runs, figures } of sweep.cells) {
    for (const run of runs) {
      assert.ok(run.state === 'measured');
      assertLaw(run.result);
      assert.is(run.result.server.settings.hz, settings.hz);
      assert.is(run.result.server.settings['active-expire-effort'], '10');
      assert.ok(run.wallSeconds > 0.7);
    }
    assert.equal(Object.keys(figures), FIGURE_NAMES);
  }
  const attempted = new Set(resultsOf(sweep).map(({ cohorts }) => cohorts.idle!.attempted));
  assert.equal([...attempted], [300], 'each run plays the same sessions');
  assert.equal([...new Set(progress.map(([done]) => done))], [0, 1, 2, 3]);
  assert.ok(progress.every(([, runs, remainingMs]) => runs === 4 && remainingMs >= 0));
});

test('a cell that fails is recorded with its error, and the others are measured', async () => {
  // The server takes this limit of clients, but a run needs more connections.
  const sweep = newSweep(spec({ axes: [{ setting: 'maxclients', values: ['1', '1000'] }], repeats: 1 }));
  const bad: string[] = [];
  const saved = await play(sweep, { onBad: ({ maxclients }) => bad.push(maxclients!) });
  const [failed, good] = sweep.cells;
  const [run] = failed!.runs;
  assert.ok(run?.state === 'failed');
  assert.match(run.message, /no more connections: maxclients is reached/);
  assert.is(failed!.figures.liveLost, null);
  assert.is(good!.runs[0]!.state, 'measured');
  assert.equal(bad, ['1']);
  assert.is(saved.at(-1)!.state, 'complete');

  const again: string[] = [];
  await play(sweep, { onProgress: ({ settings, done }) => void again.push(`${settings.maxclients} ${done}`) });
  assert.equal([...new Set(again)], ['1 1'], 'gone on with, only what failed is tried again');
});

test('a signal cuts the present run off and discards it; gone on with, the sweep makes the rest in the same order', async () => {
  const whole = newSweep(spec());
  const order: string[] = [];
  const noteOrder: SweepOptions['onProgress'] = ({ settings, done }) => {
    if (order.length === done) order.push(settings.hz!);
  };
  const stop = new AbortController();
  const saved = await play(whole, {
    signal: stop.signal,
    onProgress: (progress) => {
      noteOrder(progress);
      if (progress.done === 1) stop.abort('SIGINT');
    },
  });
  assert.is(saved.at(-1)!.state, 'aborted');
  assert.is(count(saved.at(-1)!), 1);
  assert.is(getEventListeners(stop.signal, 'abort').length, 0, 'a run that has ended no longer waits for the signal');
  const [first] = resultsOf(whole);

  const read = saved.at(-1)!;
  assert.equal(differences(read, spec()), []);
  await play(read, { onProgress: noteOrder });
  assert.is(read.state, 'complete');
  assert.is(count(read), 4);
  assert.ok(
    resultsOf(read).some(({ startedAt }) => startedAt === first!.startedAt),
    'what was done is kept',
  );
  for (const result of resultsOf(read)) assertLaw(result);
  assert.equal([...order.slice(0, 2)].sort(), ['10', '100']);
  assert.equal([...order.slice(2)].sort(), ['10', '100']);
});

test('a sweep of something else cannot be gone on with', () => {
  const sweep = newSweep(spec());
  const other = parseScenario({ duration: '2s', seed: 5, cohorts: { a: { sessions: 1, ttl: '1s' } } });
  assert.equal(differences(sweep, spec({ scenario: other })), ['scenario', 'seed']);
  assert.equal(differences(sweep, spec({ axes: [{ setting: 'hz', values: ['10'] }] })), ['axes']);
  assert.equal(differences(sweep, spec({ repeats: 3 })), ['repeats']);
  assert.equal(differences(sweep, spec({ server: { endpoint: null, binary: 'valkey-server' } })), ['server']);
});

test('on the user’s server each cell’s settings are put back', async () => {
  const server = await startRedis(['--hz', '17', '--notify-keyspace-events', 'Ex']);
  try {
    const client = server.client();
    const before = await client.config('GET', '*');
    const between: unknown[] = [];
    const sweep = newSweep(spec({ repeats: 1 }));
    await runSweep(sweep, scenario, {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
      allowConfig: true,
      save: async () => void between.push(await client.config('GET', '*')),
    });
    for (const { settings, runs } of sweep.cells) {
      const [run] = runs;
      assert.ok(run?.state === 'measured', JSON.stringify(run));
      assert.is(run.result.server.settings.hz, settings.hz);
      assertLaw(run.result);
    }
    for (const config of between) assert.equal(config, before);
    assert.is(await client.dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test.run();
