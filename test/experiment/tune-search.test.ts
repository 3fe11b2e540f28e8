import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Settings } from '../../src/experiment/settings.ts';
import { budgetMs } from '../../src/experiment/tune.ts';
import { type Found, leastBudget, search } from '../../src/experiment/tune-search.ts';
import { type SearchAxis, settingsAt } from '../../src/experiment/tune-space.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { names, numbers, type Shown, SyntheticServer } from './synthetic-server.ts';

const HZ = numbers('hz', 10, 10, 25, 50, 100, 250, 500);
const EFFORT = numbers('active-expire-effort', 1, 1, 2, 4, 7, 10);
const EXPIRY = [EFFORT, HZ];
const LIVE = 10_000;

/** A cursor over all keys, each of which costs something, as does each tick: lag falls with hz and effort, CPU grows. */
function expiry(bound: number, tickCost = 1e-3) {
  return (settings: Settings): Shown => {
    const hz = Number(settings.hz ?? 10);
    const sampled = 20 + 5 * (Number(settings['active-expire-effort'] ?? 1) - 1);
    const lag = LIVE / (sampled * hz);
    return {
      shortfall: lag < bound ? 0 : Math.log(lag / bound) + 1e-9,
      cpuSeconds: 1 + tickCost * hz + 1e-5 * sampled * hz,
    };
  };
}

async function tune(axes: readonly SearchAxis[], show: ConstructorParameters<typeof SyntheticServer>[1], budget = 20) {
  const server = new SyntheticServer(axes, show);
  const found = await search(axes, { budget, repeats: 3, seed: 1, measure: server.measure });
  assert.ok(server.asked.length <= budget, `${server.asked.length} runs with a budget of ${budget}`);
  assert.ok(found);
  return { server, found, settings: chosen(found, axes) };
}

const chosen = ({ chosen }: Found, axes: readonly SearchAxis[]): Settings | null =>
  chosen && settingsAt(chosen.point, axes);

test('finds the cheapest of all that meet the goal', async () => {
  for (const bound of [30, 10, 4, 2]) {
    const show = expiry(bound);
    const { settings, found } = await tune(EXPIRY, show);
    const cells = EFFORT.levels.flatMap((effort) => HZ.levels.map((hz) => ({ 'active-expire-effort': effort, hz })));
    const least = Math.min(...cells.map(show).flatMap((each) => (each.shortfall === 0 ? each.cpuSeconds : [])));
    assert.is(show(settings!).shortfall, 0);
    assert.ok(show(settings!).cpuSeconds <= 1.02 * least, `${JSON.stringify(settings)} for ${bound} s`);
    assert.is(found.chosen!.runs.length, 3);
  }
});

test('takes the way that the ticks or the sweep make cheaper', async () => {
  assert.equal((await tune(EXPIRY, expiry(20, 1e-2))).settings, { 'active-expire-effort': '10' });
  assert.equal((await tune(EXPIRY, expiry(11, 0))).settings, { hz: '50' });
});

test('two settings together where none suffices alone, with what each of them does', async () => {
  const { settings, found } = await tune(EXPIRY, expiry(0.5));
  assert.equal(Object.keys(settings!).sort(), ['active-expire-effort', 'hz']);
  assert.equal(
    found.effects.map(({ axis, without }) => [EXPIRY[axis]!.setting, without !== null]),
    [
      ['active-expire-effort', true],
      ['hz', true],
    ],
  );
});

test('full runs come in rounds with the present settings, in an order of its own each', async () => {
  const server = new SyntheticServer(EXPIRY, expiry(30));
  await search(EXPIRY, { budget: 20, repeats: 3, seed: 7, measure: server.measure });
  const full = server.full().map((settings) => Object.keys(settings).length);
  const rounds = [full.slice(0, 3), full.slice(3, 6), full.slice(6, 9)];
  for (const round of rounds) assert.is(round.filter((changes) => changes === 0).length, 1);
  assert.ok(new Set(rounds.map((round) => round.indexOf(0))).size > 1);
});

test('a budget of the least there can be is enough, and is kept', async () => {
  const { server, found } = await tune(
    [names('maxmemory-policy', 'noeviction', 'volatile-ttl')],
    (settings) => ({
      shortfall: settings['maxmemory-policy'] ? 0 : 1,
      cpuSeconds: 1,
    }),
    leastBudget(3),
  );
  assert.is(server.asked.length, 9);
  assert.equal(found.chosen!.point, [1]);
});

test('what costs as much within the spread is a tie: memory decides, then the fewest changes', async () => {
  const axes = [names('policy', 'a', 'b', 'c'), names('other', 'no', 'yes')];
  const noise = (run: number): number => 0.02 * (run % 2);
  const show =
    (memory: number) =>
    (settings: Settings, _: unknown, run: number): Shown => ({
      shortfall: settings.policy === undefined ? 1 : 0,
      cpuSeconds: 1 + noise(run) - (settings.other ? 0.005 : 0),
      peakMemoryBytes: settings.policy === 'c' ? memory : 1e6,
    });
  assert.equal(Object.keys((await tune(axes, show(1e6))).settings!), ['policy']);
  assert.equal((await tune(axes, show(9e5))).settings, { policy: 'c' });
});

test('present settings that meet the goals stay, unless something costs less', async () => {
  const same = await tune(EXPIRY, expiry(60));
  assert.equal(same.settings, {});
  assert.is(same.found.present.runs.length, 3);
  const busy = [EFFORT, numbers('hz', 500, 10, 100, 500)];
  assert.equal((await tune(busy, (settings) => expiry(60)({ hz: '500', ...settings }))).settings, { hz: '10' });
});

test('none meets the goal: the nearest is confirmed once, and the search ends early', async () => {
  const { server, found, settings } = await tune(EXPIRY, expiry(0.1));
  assert.is(settings, null);
  assert.equal(settingsAt(found.nearest.point, EXPIRY), { 'active-expire-effort': '10', hz: '500' });
  assert.is(found.candidates[0]!.runs.length, 1);
  assert.is(server.full().length, 2);
});

test('what meets the goals in short runs only gives way to the next', async () => {
  const { found, settings } = await tune([HZ], (settings, { length }) => {
    const hz = Number(settings.hz ?? 10);
    return { shortfall: hz >= (length === 'short' ? 50 : 100) ? 0 : 1, cpuSeconds: 1 + hz / 1000 };
  });
  assert.equal(settings, { hz: '100' });
  assert.equal(
    found.candidates.map(({ met, runs }) => [met, runs.length]),
    [
      [false, 1],
      [true, 3],
    ],
  );
});

test('what meets the goals in every run that was left for it is not dropped for want of more', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const server = new SyntheticServer([HZ], ({ hz = '10' }) => ({
      shortfall: Number(hz) >= 50 ? 0 : 1,
      cpuSeconds: 1,
    }));
    const found = await search([HZ], {
      budget: leastBudget(3),
      repeats: 3,
      seed,
      // The first full run is made once more.
      measure: async (request) => {
        const answer = await server.measure(request);
        return { ...answer, runs: request.length === 'full' && server.full().length === 1 ? 2 : 1 };
      },
    });
    assert.ok(found!.chosen, `seed ${seed}`);
    assert.is(found!.chosen!.runs.length + found!.present.runs.length, 5);
  }
});

test('of a second group no more are confirmed than runs are left for', async () => {
  const policies = [names('maxmemory-policy', 'noeviction', 'a', 'b', 'c', 'd')];
  for (let budget = 14; budget <= 18; budget++) {
    const show = (settings: Settings, { length }: { length: string }): Shown => {
      const policy = settings['maxmemory-policy'] ?? '';
      const isMet = length === 'short' ? policy !== '' : ['c', 'd'].includes(policy);
      return { shortfall: isMet ? 0 : 1, cpuSeconds: 1 + 'abcd'.indexOf(policy) / 10 };
    };
    const { found, settings } = await tune(policies, show, budget);
    assert.equal(settings, { 'maxmemory-policy': 'c' }, `budget ${budget}`);
    assert.ok(found.candidates.every(({ met, runs }) => !met || runs.length === 3));
  }
});

test('the runs take no longer than was said before, however many groups are confirmed', async () => {
  const policies = [names('maxmemory-policy', 'noeviction', 'a', 'b', 'c', 'd')];
  const { server } = await tune(policies, (settings, { length }) => ({
    shortfall: settings['maxmemory-policy'] && (length === 'short' || settings['maxmemory-policy'] >= 'c') ? 0 : 1,
    cpuSeconds: 1 + 'abcd'.indexOf(settings['maxmemory-policy'] ?? 'a') / 10,
  }));
  const scenario = parseScenario({ duration: '50s', cutoff: '10s', cohorts: { herd: { sessions: 10, ttl: '1s' } } });
  const short = { ...scenario, durationMs: 5000, cutoffMs: 1000 };
  const took = server.asked.reduce((sum, { length }) => sum + (length === 'full' ? 60_000 : 6000), 0);
  assert.ok(server.full().length > 3 * 3);
  assert.ok(took <= budgetMs({ budget: 20, scenario, short }), `${took} ms`);
});

test('harm of which no goal speaks is not bought', async () => {
  const axes = [names('maxmemory-policy', 'allkeys-lru', 'noeviction', 'volatile-ttl')];
  const { settings } = await tune(axes, (settings) => {
    const policy = settings['maxmemory-policy'] ?? 'allkeys-lru';
    const refused = policy === 'noeviction' ? 500 : 0;
    return { shortfall: policy === 'allkeys-lru' ? 1 : 0, cpuSeconds: policy === 'noeviction' ? 0.5 : 1, refused };
  });
  assert.equal(settings, { 'maxmemory-policy': 'volatile-ttl' });
});

test('settings that cannot be measured are passed over; without the present ones there is no search', async () => {
  const axes = [names('maxmemory-policy', 'noeviction', 'volatile-lrm', 'volatile-ttl')];
  const { settings } = await tune(axes, (settings) => {
    const policy = settings['maxmemory-policy'];
    return policy === 'volatile-lrm' ? null : { shortfall: policy ? 0 : 1, cpuSeconds: 1 };
  });
  assert.equal(settings, { 'maxmemory-policy': 'volatile-ttl' });
  const none = new SyntheticServer(axes, () => null);
  assert.is(await search(axes, { budget: 20, repeats: 3, seed: 1, measure: none.measure }), null);
});

test.run();
