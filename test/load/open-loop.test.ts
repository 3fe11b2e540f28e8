import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/ledger/ledger.ts';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { planScenario } from '../../src/load/plan.ts';
import { WriteLane } from '../../src/load/write-lane.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { startRedis } from '../support/redis.ts';

test('what was planned before the end of the load is sent after it, when the generator has been held up, and as late', async () => {
  const server = await startRedis();
  const durationMs = 2000;
  const { cohorts, ...rest } = parseScenario({
    duration: `${durationMs}ms`,
    cohorts: { a: { arrivals: '1500/s', ttl: '1h', activity: { every: '300ms', for: '1s' }, refresh: 'getex' } },
  });
  const plan = planScenario({ ...rest, cohorts });
  const ledger = new Ledger(plan.sessions, 1, { tellsNew: false, dropsPast: false, leastLagMs: 1 });
  const lane = await WriteLane.open(server.endpoint, () => {});
  // A clock that stands at the start for a while, then is past the end.
  let looks = 0;
  const clock = {
    epochMs: Date.now(),
    errorMs: 0,
    nowMs: () => (looks++ < 3 ? 0 : durationMs + 100),
    fromMono: () => 0,
  };
  const segment = { index: 1, of: 1 };
  const keyOf = (index: number): string => `key${index}`;
  const load = new OpenLoop({ plan, cohorts, segment, ledger, lane, clock, keyOf, startMs: 0, durationMs });
  try {
    await load.run(new AbortController().signal);
    await lane.drained(1);
    assert.is(load.attempted, plan.sessions);
    assert.is(await server.client().dbsize(), plan.sessions);
    assert.ok(load.slip.count > 1.5 * plan.sessions, `${load.slip.count} with the requests`);
    assert.ok(load.slip.maxUs! > 0.95 * durationMs * 1000, `${load.slip.maxUs} µs`);
  } finally {
    lane.close();
    await server.stop();
  }
});

test.run();
