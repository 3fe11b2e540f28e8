import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { finding } from '../../src/report/finding.ts';
import type { Result } from '../../src/result/schema.ts';
import { run } from '../../src/run/run.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';

/** The scenario in a few seconds. */
async function runShort(name: string, ...set: string[]): Promise<Result> {
  const short = ['duration=4s', 'cutoff=300ms', 'server.maxmemory=4mb', ...set];
  const result = await run(await loadScenario(`scenarios/${name}.yml`, { set: short }));
  assertLaw(result);
  assert.is(result.totals.outcomes.lost + result.totals.outcomes.unknown, 0, JSON.stringify(result.totals.outcomes));
  const { staleCountCheck, expiredKeysCheck, evictedKeysCheck } = result.instrument;
  for (const check of [staleCountCheck, expiredKeysCheck, evictedKeysCheck]) {
    assert.is(check.state, 'held', result.verdict.reasons.join('; '));
  }
  return result;
}

const evictionIn = (policy: string): Promise<Result> =>
  runShort(
    'eviction',
    `server.maxmemory-policy=${policy}`,
    'cohorts.cold.sessions=3000',
    'cohorts.hot.sessions=1000',
    'cohorts.hot.users.count=1000',
    'cohorts.settings.sessions=400',
    'cohorts.brief.ttl=500ms',
    'cohorts.brief.arrivals=1500/s',
  );

test('eviction: allkeys-lru evicts keys without a TTL as well, and the idle before the active', async () => {
  const { cohorts, totals } = await evictionIn('allkeys-lru');
  assert.ok(totals.outcomes.evicted_early > 200, JSON.stringify(totals.outcomes));
  assert.is(totals.outcomes.refused, 0);
  const { settings, cold, visitors } = cohorts;
  assert.ok(settings!.outcomes.evicted_early > 0);
  assert.is(settings!.evictions.remainingTtlSeconds.count, 0, 'they had none');
  assert.is(settings!.evictions.ageSeconds.count, settings!.outcomes.evicted_early);
  const share = ({ outcomes, attempted }: Result['totals']): number => outcomes.evicted_early / attempted;
  assert.ok(share(cold!) > share(visitors!), `${share(cold!)} of the cold, ${share(visitors!)} of the visitors`);
});

test('eviction: volatile-ttl leaves keys without a TTL alone, and takes what falls due soonest', async () => {
  const { cohorts, totals } = await evictionIn('volatile-ttl');
  assert.is(cohorts.settings!.outcomes.evicted_early, 0);
  const { brief, cold } = cohorts;
  assert.ok(brief!.outcomes.evicted_stale + brief!.outcomes.evicted_early > 100, JSON.stringify(totals.outcomes));
  assert.ok(cold!.outcomes.evicted_early < brief!.outcomes.evicted_stale + brief!.outcomes.evicted_early);
  assert.ok(totals.evictedAmbiguous > 0, 'some are evicted within the errors of their deadline');
});

test('noeviction refuses new sessions, while dead ones are in memory', async () => {
  const set = [
    'cohorts.cold.sessions=3000',
    'cohorts.visitors.payload=1kB',
    'cohorts.brief.ttl=500ms',
    'cohorts.brief.arrivals=2500/s',
  ];
  const { totals, cohorts, series, verdict } = await runShort('noeviction', ...set);
  assert.is(totals.outcomes.evicted_early + totals.outcomes.evicted_stale, 0);
  assert.ok(cohorts.visitors!.outcomes.refused > 0, JSON.stringify(totals.outcomes));
  assert.ok(Math.max(...series.stale) > 100);
  assert.match(verdict.reasons.join(), /refused \d+ sessions.*OOM/);
});

test('volatile-without-ttl: nothing that may be evicted, so that it refuses', async () => {
  const { totals } = await runShort('volatile-without-ttl', 'cohorts.forever.arrivals=4000/s');
  assert.is(totals.outcomes.evicted_early, 0);
  assert.ok(totals.outcomes.refused > 100, JSON.stringify(totals.outcomes));
  assert.is(totals.outcomes.alive + totals.outcomes.refused, totals.attempted);
});

test('slow-subscriber: what is kept for it pushes out sessions that all fit without it', async () => {
  const set = ['server.maxmemory=16mb', 'cohorts.visitors.arrivals=6000/s', 'cohorts.visitors.payload=20'];
  const slow = await runShort('slow-subscriber', ...set);
  const none = await runShort('slow-subscriber', ...set, 'slow-subscribers=0');
  assert.is(none.totals.outcomes.evicted_early, 0, JSON.stringify(none.totals.outcomes));
  assert.is(none.slowSubscribers, null);
  assert.ok(slow.totals.outcomes.evicted_early > 1000, JSON.stringify(slow.totals.outcomes));
  assert.is(slow.slowSubscribers!.connected, 2);
  assert.ok(slow.slowSubscribers!.outputBufferBytes! > 4e6);
  assert.match(finding(slow), /the server held [\d.]+ MB for 2 subscribers that had stopped reading\./);
});

test.run();
