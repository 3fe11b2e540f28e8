/** Every scenario that is shipped, run at a small size on a real server. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';
import type { Result } from '../../src/result/schema.ts';
import { run } from '../../src/run/run.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Cohort, Scenario } from '../../src/scenario/scenario.ts';
import { assertLaw } from '../support/law.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const DURATION_MS = 1_500;
const MOST_SESSIONS = 2_000;
/** Arrivals of a second at the busiest. */
const MOST_RATE = 300;

/** The same scenario in miniature: short, and few sessions. */
function small({ durationMs, ...scenario }: Scenario): Scenario {
  const scale = DURATION_MS / durationMs;
  return {
    ...scenario,
    durationMs: DURATION_MS,
    cutoffMs: Math.min(scenario.cutoffMs, 300),
    thresholds: [],
    cohorts: scenario.cohorts.map((cohort) => ({ ...cohort, population: fewer(cohort.population, scale) })),
  };
}

function fewer(population: Cohort['population'], scale: number): Cohort['population'] {
  if (population.kind === 'filled') return { ...population, sessions: Math.min(population.sessions, MOST_SESSIONS) };
  if (population.kind === 'trace') return population;
  const peak = Math.max(...population.rate.map(({ perSecond }) => perSecond));
  const slower = Math.min(1, MOST_RATE / peak);
  const rate = population.rate.map(({ atMs, perSecond }) => ({ atMs: atMs * scale, perSecond: perSecond * slower }));
  return { ...population, rate };
}

const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yml'));

for (const file of files) {
  test(`${file}: every session is accounted for, and none lost`, async () => {
    const scenario = small(await loadScenario(`${FOLDER}${file}`));
    let result: Result;
    try {
      result = await run(scenario);
    } catch (error) {
      const needsFields = scenario.cohorts.some(({ store }) => store.name === 'hash-field');
      assert.ok(needsFields && error instanceof ServerUnusable, String(error));
      assert.match((error as ServerUnusable).remedy, /Redis 7\.4 or Valkey 9/);
      return;
    }
    assertLaw(result);
    const { outcomes, attempted } = result.totals;
    assert.ok(attempted > 0);
    assert.is(outcomes.lost + outcomes.unknown + outcomes.refused, 0, JSON.stringify(outcomes));
    assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  });
}

test.run();
