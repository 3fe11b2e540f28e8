import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askValues } from '../../src/experiment/ask-values.ts';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';
import { startRedis } from '../support/redis.ts';

const POLICIES = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'noeviction',
];

test('all stands for the values that the server names', async () => {
  const { axes, refusals } = await askValues(
    [
      { setting: 'maxmemory-policy', values: 'all' },
      { setting: 'lazyfree-lazy-expire', values: 'all' },
      { setting: 'hz', values: ['10', '100'] },
    ],
    { settings: {} },
  );
  assert.equal(refusals, []);
  const [policies, ...others] = axes;
  for (const policy of POLICIES) assert.ok(policies!.values.includes(policy), policy);
  assert.equal(others, [
    { setting: 'lazyfree-lazy-expire', values: ['yes', 'no'] },
    { setting: 'hz', values: ['10', '100'] },
  ]);
});

test('a setting that only a start can change is told as such', async () => {
  const over = ['io-threads', 'hz'].map((setting) => ({ setting, values: ['1', '2'] }));
  const { axes, refusals } = await askValues(over, { settings: {} });
  assert.equal(refusals, []);
  assert.equal(
    axes.map(({ immutable }) => immutable ?? false),
    [true, false],
  );
});

test('what the server refuses is told in its words, a value that only a start can set as well', async () => {
  const { refusals } = await askValues(
    [
      { setting: 'hzz', values: ['1', '2'] },
      { setting: 'active-expire-effort', values: ['5', '11', '12'] },
      { setting: 'databases', values: ['4', '0'] },
      { setting: 'hz', values: 'all' },
    ],
    { settings: {} },
  );
  const of = (setting: string) => refusals.filter((each) => each.setting === setting).map(({ message }) => message);
  assert.equal(of('hzz'), ['hzz is no setting of this server']);
  assert.equal(of('active-expire-effort'), [
    '11 is refused: argument must be between 1 and 10 inclusive',
    '12 is refused: argument must be between 1 and 10 inclusive',
  ]);
  assert.is(of('databases').length, 1);
  assert.match(of('databases')[0]!, /^0 is refused: .*argument must be between 1 and/);
  assert.match(of('hz')[0]!, /^the server does not name the values of hz .*; name them yourself$/);
});

test('a server of the user is asked, and not changed', async () => {
  const server = await startRedis(['--hz', '17', '--maxmemory-policy', 'allkeys-lru']);
  try {
    const client = server.client();
    const redis = `redis://127.0.0.1:${server.endpoint.port}`;
    const before = await client.config('GET', '*');
    const axes = [
      { setting: 'maxmemory-policy', values: 'all' as const },
      { setting: 'hz', values: ['10', '100'] },
      { setting: 'hzz', values: ['1'] },
    ];
    const asked = await askValues(axes, { settings: {}, redis });
    assert.ok(asked.axes[0]!.values.includes('volatile-ttl'));
    assert.equal(asked.refusals, [{ setting: 'hzz', message: 'hzz is no setting of this server' }]);
    assert.equal(await client.config('GET', '*'), before);

    await client.set('theirs', '1');
    const error = await askValues([axes[0]!], { settings: {}, redis }).catch((error) => error);
    assert.instance(error, ServerUnusable);
    assert.match(error.message, /maxmemory-policy.* it holds 1 key of somebody else/);
    assert.equal(await client.config('GET', '*'), before);
  } finally {
    await server.stop();
  }
});

test.run();
