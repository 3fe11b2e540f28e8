import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyBytes, tableBytes } from '../../src/forecast/memory.ts';
import { startRedis } from '../support/redis.ts';

/** Bytes a key of 131,072, their names 24 long, by the size of the value: INFO of Redis 7.0.15 with jemalloc 5.3. */
const MEASURED = [
  [0, 144],
  [20, 160],
  [44, 176],
  [45, 192],
  [100, 240],
  [200, 352],
  [500, 640],
  [1000, 1152],
  [4000, 4224],
] as const;

test('a key takes what was measured', () => {
  const keys = 131_072;
  for (const [valueBytes, measured] of MEASURED) {
    assert.is(keyBytes(valueBytes) + tableBytes(keys) / keys, measured, `${valueBytes} bytes`);
  }
});

test('the server here takes about as much: later versions less, none a quarter more', async () => {
  const server = await startRedis();
  try {
    const redis = server.client();
    const usedBytes = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
    const [keys, valueBytes] = [16_384, 200];
    const before = await usedBytes();
    for (let i = 0; i < keys; i += 1024) {
      const pipeline = redis.pipeline();
      for (let j = i; j < i + 1024; j++)
        pipeline.set(`ttlscope:0123abcd:s${j}`, 'x'.repeat(valueBytes), 'PX', 3_600_000);
      await pipeline.exec();
    }
    const took = (await usedBytes()) - before;
    const said = keys * keyBytes(valueBytes) + tableBytes(keys);
    assert.ok(took < 1.25 * said && took > 0.6 * said, `${took} bytes, said ${said}`);
  } finally {
    await server.stop();
  }
});

test('tables are powers of two', () => {
  assert.equal([0, 1, 4, 5, 1024, 1025].map(tableBytes), [0, 16, 64, 128, 16_384, 32_768]);
});

test.run();
