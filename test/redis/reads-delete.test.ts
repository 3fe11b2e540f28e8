import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseInfo } from '../../src/redis/info.ts';
import { readsDelete } from '../../src/redis/reads-delete.ts';
import { startRedis } from '../support/redis.ts';

test('a read deletes a field past its deadline on Redis from 7.4 on, on no other; nothing is left of the trial', async () => {
  const server = await startRedis();
  try {
    const client = server.client();
    const info = parseInfo(await client.info('server'));
    const [major, minor] = info.get('redis_version')!.split('.').map(Number);
    const isRedis = !info.has('valkey_version') && !info.has('redict_version');
    const hasFieldTtls = major! > 7 || (major === 7 && minor! >= 4);
    assert.is(await readsDelete(client, 'trial'), isRedis && hasFieldTtls);
    assert.is(await client.dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test.run();
