import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { skipUnless } from '../skip.ts';
import { fakeClockServer, libfaketime } from './fake-clock.ts';

const withLibfaketime = skipUnless(test, libfaketime !== undefined, 'libfaketime is missing');

withLibfaketime('the clock of the server is an hour ahead, and keeps its pace', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-'));
  const server = await startEmbeddedServer({ binary: fakeClockServer(directory, '+1h') });
  try {
    const redis = new Redis({ host: server.endpoint.host, port: server.endpoint.port });
    const [seconds] = await redis.time();
    assert.ok(Math.abs(Number(seconds) - Date.now() / 1000 - 3600) < 60, String(seconds));
    await redis.set('key', 'value', 'PX', 1);
    while ((await redis.exists('key')) === 1);
    redis.disconnect();
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true });
  }
});

test.run();
