import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { missingFlags, unionFlags } from '../../src/redis/notify-flags.ts';
import { startRedis } from '../support/redis.ts';

for (const [set, needed, missing] of [
  ['', 'Exe', 'Exe'],
  ['Ex', 'Exe', 'e'],
  ['xE', 'Ex', ''],
  ['Kx', 'Ex', 'E'],
  ['A', 'Ex', 'E'],
  ['AE', 'Exeg$lshztd', ''],
  ['AKE', 'Exen', 'n'],
  ['AKEn', 'Exen', ''],
  ['AE', 'Emnoc', 'mnoc'],
] as const) {
  test(`"${set}" lacks "${missing}" of "${needed}", and with it has both`, () => {
    assert.is(missingFlags(set, needed), missing);
    assert.is(missingFlags(unionFlags(set, needed), needed), '');
    if (!missing.includes('n')) assert.is(unionFlags(set, needed), set + missing);
  });
}

test('an n beside A, which Redis 7.0 does not tell of: the value proposed has it, and the server says so', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'AKEn']);
  try {
    const client = server.client();
    const flags = async (): Promise<string> => ((await client.config('GET', 'notify-keyspace-events')) as string[])[1]!;
    const proposed = unionFlags(await flags(), 'Exen');
    await client.config('SET', 'notify-keyspace-events', proposed);
    assert.is(missingFlags(await flags(), 'Exen'), '');
    assert.is(missingFlags(await flags(), 'Kg$lshzt'), '');
  } finally {
    await server.stop();
  }
});

test.run();
