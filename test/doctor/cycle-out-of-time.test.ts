import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cycleOutOfTime } from '../../src/doctor/rules/cycle-out-of-time.ts';
import { setKeys, until, withPatient } from './patient.ts';

test('a herd that takes longer than the cycle may; a few keys do not', async () => {
  await withPatient({ hz: '100' }, async ({ redis, findings }) => {
    const gone = () => until(async () => (await redis.dbsize()) === 0);
    const few = async () => {
      await setKeys(redis, 'few', 100, 1);
      await gone();
    };
    assert.equal(await findings(cycleOutOfTime, few), []);
    const herd = async () => {
      await setKeys(redis, 'herd', 50_000, 500);
      await gone();
    };
    await redis.config('SET', 'hz', '500');
    const [finding] = await findings(cycleOutOfTime, herd);
    assert.is(finding!.severity, 'warning');
    assert.match(finding!.evidence, 'and has deleted 50,000 keys');
  });
});

test.run();
