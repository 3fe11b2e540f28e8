import { rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { factsSince, look } from '../../src/doctor/examination.ts';
import { Untold } from '../../src/doctor/facts.ts';
import { flagsAtRestart } from '../../src/doctor/rules/flags-at-restart.ts';
import { startRedis } from '../support/redis.ts';
import { withPatient } from './patient.ts';

test('flags of the file outlast a restart; those of CONFIG SET only after CONFIG REWRITE', async () => {
  await withPatient({ 'notify-keyspace-events': 'Ex' }, async ({ redis, findings }) => {
    assert.equal(await findings(flagsAtRestart), []);
    await redis.config('SET', 'notify-keyspace-events', 'Exe');
    const [finding] = await findings(flagsAtRestart);
    assert.is(finding!.severity, 'warning');
    assert.match(finding!.evidence, /redis\.conf has "Ex"\.$/);
    assert.match(finding!.commands![0]!, / CONFIG REWRITE$/);
    await redis.config('REWRITE');
    assert.equal(await findings(flagsAtRestart), []);
  });
});

test('a file that includes others is not enough to tell', async () => {
  const include = { include: '/dev/null', 'notify-keyspace-events': 'Ex' };
  await withPatient(include, async ({ redis, facts }) => {
    await redis.config('SET', 'notify-keyspace-events', 'Exe');
    const told = await facts();
    assert.throws(
      () => flagsAtRestart.examine(told),
      (error: Error) => error instanceof Untold && /includes other files/.test(error.message),
    );
  });
});

test('a file that cannot be seen from here: it is not known, unless CONFIG SET was never used', async () => {
  await withPatient({ 'notify-keyspace-events': 'Ex' }, async ({ redis, facts, findings }) => {
    rmSync((await redis.info('server')).match(/config_file:(\S+)/)![1]!);
    assert.equal(await findings(flagsAtRestart), []);
    await redis.config('SET', 'notify-keyspace-events', 'Exe');
    const told = await facts();
    assert.throws(
      () => flagsAtRestart.examine(told),
      (error: Error) => error instanceof Untold && /whether \S+redis\.conf has them: ENOENT/.test(error.message),
    );
  });
});

test('without a file: given at the start they will be there again, by CONFIG SET they will not', async () => {
  const { client, endpoint, stop } = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    const redis = client();
    const examined = async () => flagsAtRestart.examine(await factsSince(await look(redis), redis, endpoint));
    assert.equal(await examined(), []);
    await redis.config('SET', 'notify-keyspace-events', 'KEA');
    const [finding] = await examined();
    assert.match(finding!.evidence, 'without a configuration file');
    assert.is(finding!.commands, undefined);
    await redis.config('SET', 'notify-keyspace-events', '');
    assert.equal(await examined(), []);
  } finally {
    await stop();
  }
});

test.run();
