import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dropsPast } from '../../src/redis/drops-past.ts';
import { parseInfo } from '../../src/redis/info.ts';
import { startRedis } from '../support/redis.ts';

test('a SET with a past deadline leaves a stale key on Redis, none on Valkey; nothing is left of the trial', async () => {
  const server = await startRedis();
  try {
    const client = server.client({ db: 3 });
    const isValkey = parseInfo(await client.info('server')).has('valkey_version');
    assert.is(await dropsPast(client, 'trial', 3), isValkey);
    assert.is(await client.dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test('a server out of memory does not tell', async () => {
  const server = await startRedis(['--maxmemory', '1']);
  try {
    assert.is(await dropsPast(server.client(), 'trial', 0), false);
  } finally {
    await server.stop();
  }
});

test.run();
