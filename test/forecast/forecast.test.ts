import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forecast } from '../../src/forecast/forecast.ts';
import { warningsOf } from '../../src/forecast/warnings.ts';
import { parseScenario } from '../../src/scenario/load.ts';

const PLENTY = 1e15;

function plan(cohorts: object, more: object = {}) {
  return forecast(parseScenario({ duration: '10s', cutoff: '5s', cohorts, ...more }));
}

function warnings(cohorts: object, more: object = {}, machineBytes = PLENTY): string[] {
  const scenario = parseScenario({ duration: '10s', cutoff: '5s', cohorts, ...more });
  return warningsOf(scenario, forecast(scenario), machineBytes);
}

test('who falls due when follows from arrivals and TTLs; who does not lives on', () => {
  const { cohorts, totals } = plan({
    herd: { sessions: 500, ttl: { together: '4500ms' } },
    late: { sessions: 70, ttl: '15s' },
    steady: { arrivals: { rate: '20/s', process: 'constant' }, ttl: '8s' },
  });
  const { herd, late, steady } = cohorts;
  assert.equal([herd!.due, herd!.alive, herd!.peakDuePerSecond], [500, 0, 500]);
  assert.equal(herd!.dueOverTime, [0, 0, 0, 0, 500, ...new Array<number>(10).fill(0)]);
  assert.equal([late!.due, late!.alive], [0, 70]);
  assert.equal([steady!.sessions, steady!.due, steady!.alive, steady!.peakArrivalsPerSecond], [200, 140, 60, 20]);
  assert.equal(steady!.dueOverTime.slice(7), [0, 20, 20, 20, 20, 20, 20, 20]);
  assert.equal([totals.sessions, totals.due, totals.alive], [770, 640, 130]);
  assert.is(totals.simulated, null);
});

test('visits move deadlines, end in a logout, and stop with the load or when the session is gone', () => {
  const visit = { sessions: 100, ttl: '3s', activity: { every: '2s', for: '7s' } };
  const { cohorts } = plan({
    reading: visit,
    touching: { ...visit, refresh: 'touch' },
    halfway: { ...visit, refresh: 'touch', 'renew-below': '50%' },
    leaving: { ...visit, refresh: 'touch', logout: 1 },
    staying: { ...visit, activity: { every: '2s', for: '1h' }, refresh: 'getex' },
  });
  const at = (name: string): number[] =>
    cohorts[name]!.dueOverTime.flatMap((count, s) => (count > 0 ? [s, count] : []));
  assert.equal(at('reading'), [3, 100]);
  assert.is(cohorts.reading!.requests, 200, 'at 2 s, and at 4 s to find it gone');
  assert.equal(at('touching'), [9, 100]);
  assert.equal([cohorts.touching!.requests, cohorts.touching!.peakRequestsPerSecond], [300, 100]);
  assert.equal(at('halfway'), [9, 100]);
  assert.equal([cohorts.leaving!.due, cohorts.leaving!.loggedOut], [0, 100]);
  assert.equal(at('staying'), [11, 100]);
});

test('deadlines are those that the store sets', () => {
  const visit = { sessions: 100, ttl: '2500ms', activity: { every: '2s', for: '7s' } };
  const { cohorts } = plan({
    whole: { sessions: 100, ttl: '2500ms', store: { string: { creation: 'setex' } } },
    never: { sessions: 100, ttl: '2500ms', store: { 'connect-redis': { 'disable-ttl': true } } },
    touched: { ...visit, store: 'connect-redis' },
    hash: { ...visit, store: 'hash' },
  });
  const due = (name: string): number[] =>
    cohorts[name]!.dueOverTime.flatMap((count, s) => (count > 0 ? [s, count] : []));
  assert.equal(due('whole'), [3, 100]);
  assert.equal([due('never'), cohorts.never!.alive], [[], 100]);
  assert.equal(due('touched'), [9, 100]);
  assert.equal(due('hash'), [3, 100]);
});

test('a sample of the visits stands for all of them', () => {
  const cohort = { sessions: 900_000, ttl: '2s', activity: { every: '1s', for: { exponential: '4s' } }, logout: '50%' };
  const { sessions, due, loggedOut, simulated, alive } = plan({ a: cohort }).cohorts.a!;
  assert.ok(simulated! < 250_000, `${simulated}`);
  // Gone after 2 s if the visit lasts longer; else half of the visitors log out.
  const expected = sessions * 0.5 * (1 - Math.exp(-0.5));
  assert.ok(Math.abs(loggedOut / expected - 1) < 0.02, `${loggedOut}, not ${expected}`);
  assert.is(due + loggedOut + alive, sessions);
});

test('what cannot work is told', () => {
  const due = { sessions: 10, ttl: '1s' };
  assert.equal(warnings({ due, background: { sessions: 10, ttl: '1h' } }), []);
  assert.match(warnings({ a: { sessions: 10, ttl: '16s' } }).join(), /no session falls due in the 15 s to the cut-off/);
  assert.match(
    warnings({ a: { sessions: 1000, ttl: { uniform: ['1s', '60s'] } } }).join(),
    /^a: only 2\d\.\d% fall due before the cut-off, at 15 s;/,
  );
  assert.match(
    warnings({ a: { ...due, store: 'hash' } }).join(),
    /^a: memory is reckoned as if .*; hash keeps it otherwise$/,
  );
  assert.match(warnings({ due }, {}, 1000).join(), /and this one has 0\.0 GB/);
  const thresholds = {
    logged_out: ['count>0', 'count==0'],
    resurrected: ['rate<1%'],
    evicted_early: ['count>=1'],
    'expiry_lag{cohort:background}': ['p(99)<1s'],
    lost: ['count==0'],
  };
  const said = warnings({ due, background: { sessions: 10, ttl: '1h' } }, { thresholds, server: { hz: 10 } });
  assert.equal(said, [
    'threshold logged_out count>0 cannot be met: nobody logs out',
    'threshold logged_out count==0 always holds: nobody logs out',
    'threshold resurrected rate<1% always holds: only a rewrite brings a session back',
    'threshold evicted_early count>=1 cannot be met: the server of these settings evicts nothing',
    'threshold expiry_lag{cohort:background} p(99)<1s cannot be met: no session falls due before the cut-off',
  ]);
  const evicting = { maxmemory: '10mb', 'maxmemory-policy': 'volatile-ttl' };
  assert.equal(warnings({ due }, { thresholds: { evicted_early: ['count>=1'] }, server: evicting }), []);
});

test.run();
