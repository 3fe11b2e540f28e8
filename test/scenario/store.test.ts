import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScenario } from '../../src/scenario/load.ts';
import type { Cohort } from '../../src/scenario/scenario.ts';
import { refreshesOf, STORE_NAMES, usualStore } from '../../src/scenario/store.ts';

const ACTIVITY = { every: '1s', for: '10s' };

function cohort(written: object): Cohort {
  const cohorts = { a: { sessions: 1, ttl: '1h', activity: ACTIVITY, ...written } };
  return parseScenario({ duration: '5s', cohorts }).cohorts[0]!;
}

function fault(written: object): string {
  try {
    cohort(written);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the scenario was accepted');
}

test('a store is named, or named with options; options not written have their defaults', () => {
  assert.equal(cohort({}).store, { name: 'string', creation: 'set-pxat' });
  assert.equal(cohort({ store: 'koa-session' }).store, { name: 'koa-session', renew: true, rolling: false });
  assert.equal(cohort({ store: { 'connect-redis': { 'disable-touch': true } } }).store, {
    name: 'connect-redis',
    disableTtl: false,
    disableTouch: true,
  });
  assert.equal(cohort({ store: { 'spring-indexed': { sweep: '1m' } } }).store, {
    name: 'spring-indexed',
    sweepEveryMs: 60_000,
  });
  assert.equal(cohort({ store: 'spring-indexed' }).store, { name: 'spring-indexed', sweepEveryMs: null });
});

test('a request does what the store does when the scenario does not say', () => {
  for (const name of STORE_NAMES) {
    const { usual } = refreshesOf(usualStore(name));
    assert.equal(cohort({ store: name }).refresh, usual, name);
  }
  assert.equal(cohort({ store: 'koa-session' }).refresh, { kind: 'rewrite', renewBelow: 0.5 });
  assert.equal(cohort({ store: 'string' }).refresh, { kind: 'none', renewBelow: null });
});

test('what the scenario says comes first', () => {
  assert.equal(cohort({ store: 'koa-session', 'renew-below': '20%' }).refresh, { kind: 'rewrite', renewBelow: 0.2 });
  assert.equal(cohort({ store: 'koa-session', refresh: 'rewrite' }).refresh, { kind: 'rewrite', renewBelow: null });
  assert.equal(cohort({ store: 'laravel', refresh: 'none' }).refresh, { kind: 'none', renewBelow: null });
});

test('without activity nothing refreshes', () => {
  assert.equal(cohort({ store: 'laravel', activity: undefined }).refresh, { kind: 'none', renewBelow: null });
});

test('a refresh that the store does not have is told with those it has', () => {
  assert.match(
    fault({ store: 'laravel', refresh: 'touch' }),
    /a\.refresh: touch is not what laravel does; use rewrite or none$/,
  );
  assert.match(
    fault({ store: { 'connect-redis': { 'disable-touch': true } }, refresh: 'touch' }),
    /touch is not what connect-redis does/,
  );
  assert.match(fault({ store: 'django', 'renew-below': '20%' }), /a\.renew-below: needs a refresh; use rewrite$/);
});

test('what is not known is told with what is', () => {
  assert.match(
    fault({ store: 'conect-redis' }),
    /a\.store: "conect-redis" is not a store; .*did you mean connect-redis\? \(known: string, /,
  );
  assert.match(
    fault({ store: { 'connect-redis': { 'disable-tuch': true } } }),
    /store\.connect-redis\.disable-tuch: is not known here; did you mean disable-touch\?/,
  );
  assert.match(
    fault({ store: { string: { creation: 'setx' } } }),
    /string\.creation: "setx" is not known; use set-pxat, setex/,
  );
  assert.match(fault({ store: { hash: { multi: 3 } } }), /hash\.multi: 3 is neither true nor false/);
  assert.match(fault({ store: { hash: {}, string: {} } }), /a\.store: .* does not name one store/);
  assert.match(fault({ store: {} }), /does not name one store/);
  assert.match(fault({ store: { 'koa-sesion': {} } }), /did you mean koa-session\?/);
});

test.run();
