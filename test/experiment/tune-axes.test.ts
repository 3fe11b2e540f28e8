import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGoals } from '../../src/experiment/goals.ts';
import { chooseAxes, searchAxes } from '../../src/experiment/tune-axes.ts';
import { parseScenario } from '../../src/scenario/load.ts';

const PRESENT = {
  hz: '10',
  'active-expire-effort': '1',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  'maxmemory-samples': '5',
  'maxmemory-eviction-tenacity': '10',
};
const LIMITED = { ...PRESENT, maxmemory: `${20 * 2 ** 20}` };

const scenario = parseScenario({ duration: '1s', cohorts: { visitors: { sessions: 1, ttl: '1s' } } });

function chosen(present: Readonly<Record<string, string>>, ...goals: string[]) {
  const { axes, leftOut } = chooseAxes(parseGoals(goals, scenario), present);
  const why = (name: string): string => leftOut.find(({ setting }) => setting === name)?.why ?? 'chosen';
  return { settings: axes.map(({ setting }) => setting), axes, why };
}

test('lateness is a matter of the expire cycle', () => {
  const { settings, why } = chosen(PRESENT, 'expiry_lag p(99)<1s');
  assert.equal(settings, ['active-expire-effort', 'hz']);
  assert.match(why('maxmemory-policy'), /no limit of memory/);
  assert.match(why('lazyfree-lazy-expire'), /64 parts/);
  assert.match(chosen(LIMITED, 'stale==0').why('maxmemory'), /no goal is of evictions/);
});

test('evictions are a matter of the limit, and of dead sessions below it', () => {
  const { settings, axes } = chosen(LIMITED, 'evicted_early==0');
  assert.equal(settings, [
    'maxmemory-policy',
    'maxmemory',
    'active-expire-effort',
    'hz',
    'maxmemory-samples',
    'maxmemory-eviction-tenacity',
  ]);
  assert.is(axes[0]!.values, 'all');
  assert.equal(axes[1]!.values, ['25mb', '30mb', '40mb']);
  const [, odd] = chosen({ ...PRESENT, maxmemory: '10485760' }, 'evicted_early==0').axes;
  assert.equal(odd!.values, ['12800kb', '15mb', '20mb']);
});

test('without a limit nothing is evicted; other goals have no setting that is known to matter', () => {
  assert.equal(chosen(PRESENT, 'evicted_early==0').settings, []);
  assert.equal(chosen(LIMITED, 'lost==0').settings, []);
});

test('a server without a setting is not searched over it', () => {
  const { hz, ...rest } = PRESENT;
  const { settings, why } = chosen(rest, 'stale==0');
  assert.equal(settings, ['active-expire-effort']);
  assert.match(why('hz'), /no such setting/);
});

test('the present value is a level, in its place, and once', () => {
  const axes = searchAxes(
    [
      { setting: 'hz', values: ['100', '10'] },
      { setting: 'maxmemory', values: ['30mb', '20mb'] },
      { setting: 'maxmemory-policy', values: ['volatile-ttl', 'noeviction'] },
    ],
    { ...LIMITED, hz: '50' },
  );
  assert.equal(
    axes.map(({ levels, present, ordered }) => [levels, present, ordered]),
    [
      [['10', '50', '100'], 1, true],
      [['20971520', '30mb'], 0, true],
      [['noeviction', 'volatile-ttl'], 0, false],
    ],
  );
});

test('maxmemory 0 is no limit: the greatest level', () => {
  const axis = { setting: 'maxmemory', values: ['20mb', '10mb'] };
  const [{ levels, present }] = searchAxes([axis], { maxmemory: '0' }) as [ReturnType<typeof searchAxes>[number]];
  assert.equal([levels, present], [['10mb', '20mb', '0'], 2]);
});

test.run();
