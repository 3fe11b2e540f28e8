import { readdirSync } from 'node:fs';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';
import type { Result } from '../../src/result/schema.ts';
import { run } from '../../src/run/run.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';

/** Overrides by which each scenario that is shipped runs in a few seconds. */
const SMALL: Record<string, readonly string[]> = {
  herd: ['cohorts.herd.sessions=2000', 'cohorts.herd.ttl.together=1s'],
  'logins-after-outage': [
    'cohorts.as-they-come.arrivals.logins-after-outage={base: 100/s, at: 300ms, outage: 700ms, within: 200ms}',
    'cohorts.jittered.arrivals.logins-after-outage={base: 100/s, at: 300ms, outage: 700ms, within: 200ms}',
    'cohorts.as-they-come.ttl=700ms',
    'cohorts.jittered.ttl=700ms',
  ],
  'mixed-ttl': [
    'cohorts.burst.arrivals.spike={base: 20/s, peak: 1000/s, at: 500ms, for: 500ms}',
    'cohorts.burst.ttl=1s',
    'cohorts.weeks.sessions=1000',
  ],
  quickstart: ['cohorts.returning.sessions=1000', 'cohorts.visitors.ttl=700ms'],
  refresh: ['touching', 'rewriting', 'getting', 'renewing'].map((name) => `cohorts.${name}.ttl=700ms`),
  sliding: ['fixed', 'sliding', 'halfway'].flatMap((name) => [
    `cohorts.${name}.ttl=700ms`,
    `cohorts.${name}.activity.every.exponential=300ms`,
  ]),
  'ten-million': ['cohorts.sessions.sessions=20000', 'cohorts.sessions.ttl.uniform=[500ms, 2s]'],
  trickle: ['cohorts.living.sessions=2000', 'cohorts.due.sessions=100', 'cohorts.due.ttl.uniform=[500ms, 1s]'],
  stores: [
    'connect-redis',
    'fastify-session',
    'koa-session',
    'phpredis',
    'laravel',
    'django',
    'hash',
    'expiry-index',
  ].flatMap((name) => [`cohorts.${name}.ttl=1s`, `cohorts.${name}.activity.every.exponential=300ms`]),
  'store-better-auth': ['better-auth', 'plain'].map((name) => `cohorts.${name}.ttl=1s`),
  'store-connect-redis': ['touching', 'saving', 'untouched'].map((name) => `cohorts.${name}.ttl=1s`),
  'store-hash': ['in-transaction', 'one-by-one', 'set-then-expire', 'in-one-command'].map(
    (name) => `cohorts.${name}.ttl.uniform=[500ms, 1s]`,
  ),
  'store-hash-field': ['cohorts.background.sessions=1000', 'cohorts.fields.ttl=700ms', 'cohorts.keys.ttl=700ms'],
  'store-koa-session': ['renewing', 'rolling', 'plain'].flatMap((name) => [
    `cohorts.${name}.ttl=1s`,
    `cohorts.${name}.activity.every.exponential=300ms`,
  ]),
  'store-spring-indexed': [
    'cohorts.sessions.ttl=1s',
    'cohorts.sessions.activity.every.exponential=300ms',
    'cohorts.sessions.store.spring-indexed.sweep=1s',
  ],
};

/** Of servers whose memory does not suffice: what they do is the scenario's point, see full-memory.test.ts. */
export const FULL_MEMORY = ['eviction', 'noeviction', 'volatile-without-ttl', 'slow-subscriber'];

/** Scenarios whose name begins so, each run for a few seconds: the law holds, nothing is lost, no check is broken. */
export function testShipped(test: Test, concerned: (name: string) => boolean): void {
  const files = readdirSync(new URL('../../scenarios', import.meta.url));
  for (const name of files.map((file) => file.replace(/\.yml$/, '')).filter(concerned)) {
    test(`${name} runs, and accounts for every session`, async () => {
      const small = SMALL[name];
      assert.ok(small, `${name}: say in ${import.meta.url} how it runs in a few seconds`);
      const scenario = await loadScenario(`scenarios/${name}.yml`, { set: ['duration=2s', 'cutoff=300ms', ...small] });
      const outcome = await run(scenario).catch((error: unknown) => error);
      if (outcome instanceof ServerUnusable && name === 'store-hash-field') {
        assert.match(outcome.message, /does not know HPEXPIREAT, which the store hash-field sends/);
        assert.match(outcome.remedy, /Redis 7\.4 or Valkey 9/);
        return;
      }
      if (outcome instanceof Error) throw outcome;
      judge(outcome as Result);
    });
  }
}

/** All but what a slow machine may do to it. */
function judge(result: Result): void {
  assertLaw(result);
  const { totals, cohorts, instrument, verdict } = result;
  for (const [name, { attempted }] of Object.entries(cohorts)) assert.ok(attempted > 20, `${name}: ${attempted}`);
  const { outcomes } = totals;
  assert.is(outcomes.lost + outcomes.unknown + outcomes.refused, 0, JSON.stringify(outcomes));
  assert.ok(outcomes.expired + outcomes.stale > 0, 'nothing fell due');
  assert.is(totals.withoutTtl, 0);
  assert.is.not(verdict.state, 'aborted');
  for (const check of [
    instrument.staleCountCheck,
    instrument.expiredKeysCheck,
    instrument.evictedKeysCheck,
    instrument.littlesLaw,
  ]) {
    assert.is.not(check.state, 'broken', verdict.reasons.join('; '));
  }
  assert.equal(instrument.canaries.violations, []);
  assert.equal(instrument.gaps, []);
}
