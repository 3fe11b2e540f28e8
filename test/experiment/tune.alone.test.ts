import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGoals } from '../../src/experiment/goals.ts';
import { newTune, runTune, type TuneSpec } from '../../src/experiment/tune.ts';
import { type Tune, tuneSchema } from '../../src/experiment/tune-file.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';
import { names } from './synthetic-server.ts';

const herd = parseScenario({
  duration: '500ms',
  cutoff: '200ms',
  cohorts: { herd: { sessions: 3000, ttl: { together: '300ms' } } },
});

async function tuned(goal: string, axes: TuneSpec['axes']): Promise<{ tune: Tune; saved: number[] }> {
  const scenario = { ...herd, thresholds: parseGoals([goal], herd) };
  const server = { endpoint: null, binary: null };
  const spec = { scenario, short: scenario, axes, reasons: [], leftOut: [], budget: 9, repeats: 1, server };
  const tune = newTune(spec);
  const saved: number[] = [];
  await runTune(tune, spec, { save: async () => void saved.push(tune.runs.length) });
  return { tune: tuneSchema.parse(JSON.parse(JSON.stringify(tune))), saved };
}

test('a run that is invalid is made once more, and counts for nothing; one that the server refuses is not', async () => {
  // With 4 kB of output a subscriber that hears of a herd is cut off.
  const cut = names('client-output-buffer-limit', 'pubsub 0 0 0', 'pubsub 4096 0 0');
  const { tune, saved } = await tuned('expiry_lag p(50)<1ms', [cut, names('hz', '10', 'often')]);
  const states = tune.runs.map((run) => {
    const [value = 'present'] = Object.values(run.settings);
    return `${run.length} ${value}: ${run.state === 'measured' ? run.result.verdict.state : run.state}`;
  });
  assert.equal(states, [
    'short present: valid',
    'short present: valid',
    'short pubsub 4096 0 0: invalid',
    'short pubsub 4096 0 0: invalid',
    'short often: failed',
    'full present: valid',
  ]);
  assert.equal([tune.state, tune.finding!.outcome, tune.finding!.settings], ['complete', 'none', {}]);
  assert.equal(saved, [1, 2, 3, 4, 5, 6, 6]);
  for (const run of tune.runs) if (run.state === 'measured') assertLaw(run.result);
});

test.run();
