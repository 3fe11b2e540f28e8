import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { ServerClock, sampleClock } from '../../src/redis/clock.ts';
import { connect } from '../../src/redis/connect.ts';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { monotonicMs } from '../../src/redis/monotonic.ts';
import { findServerBinary } from '../../src/redis/server-binary.ts';
import { skipUnless } from '../skip.ts';
import { fakeClockServer, libfaketime } from '../support/fake-clock.ts';
import { startRedis } from '../support/redis.ts';

const withLibfaketime = skipUnless(test, libfaketime !== undefined, 'libfaketime is missing');

/** The server's clock less the wall clock here, ms, and how wrong that may be. */
function aheadMs(clock: ServerClock): { aheadMs: number; withinMs: number } {
  const before = monotonicMs();
  const wallMs = Date.now();
  const after = monotonicMs();
  return {
    aheadMs: clock.toServerMs((before + after) / 2) - wallMs - 0.5,
    withinMs: clock.errorMs + (after - before) / 2 + 0.5,
  };
}

/** As `fakeClockServer`, but the offset is read from a file whenever the server asks for the time. */
function steppableServer(directory: string, offsetFile: string): string {
  const path = join(directory, 'redis-server-with-steppable-clock');
  const environment = `LD_PRELOAD=${libfaketime}:libc.so.6 FAKETIME_TIMESTAMP_FILE='${offsetFile}' FAKETIME_NO_CACHE=1`;
  const script = `#!/bin/sh\n${environment} FAKETIME_DONT_FAKE_MONOTONIC=1 exec '${findServerBinary()}' "$@"\n`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

test("a server of this machine has this machine's clock, within the error that is claimed", async () => {
  const server = await startRedis();
  try {
    const redis = await connect(server.endpoint, { name: 'ttlscope-test' });
    const clock = new ServerClock();
    await sampleClock(redis, clock, 50);
    const { aheadMs: ahead, withinMs } = aheadMs(clock);
    assert.ok(Math.abs(ahead) <= withinMs, `${ahead} is more than ${withinMs}`);
    assert.is(clock.steps.length, 0);
    redis.disconnect();
  } finally {
    await server.stop();
  }
});

withLibfaketime('a server whose clock is an hour ahead is an hour ahead', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
  const server = await startEmbeddedServer({ binary: fakeClockServer(directory, '+1h') });
  try {
    const redis = await connect(server.endpoint, { name: 'ttlscope-test' });
    const clock = new ServerClock();
    await sampleClock(redis, clock, 50);
    const { aheadMs: ahead, withinMs } = aheadMs(clock);
    assert.ok(Math.abs(ahead - 3_600_000) <= withinMs, `${ahead} is not 3600000 within ${withinMs}`);
    assert.is(clock.steps.length, 0);
    redis.disconnect();
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true });
  }
});

withLibfaketime("a step of a running server's clock is seen with its size", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
  const offsetFile = join(directory, 'offset');
  writeFileSync(offsetFile, '+10s');
  const binary = steppableServer(directory, offsetFile);
  const server = await startEmbeddedServer({ binary });
  try {
    const redis = await connect(server.endpoint, { name: 'ttlscope-test' });
    const clock = new ServerClock();
    await sampleClock(redis, clock);
    writeFileSync(offsetFile, '-20s');
    await sampleClock(redis, clock);
    assert.is(clock.steps.length, 1);
    assert.is(clock.steps[0]?.clock, 'server');
    assert.ok(Math.abs(clock.steps[0]!.sizeMs + 30_000) < 5, String(clock.steps[0]!.sizeMs));
    redis.disconnect();
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true });
  }
});

test.run();
