import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { persistence } from '../../src/doctor/rules/persistence.ts';
import { withPatient } from './patient.ts';

test('no sessions, nothing to say; then what a restart does to them by what is kept', async () => {
  await withPatient({}, async ({ redis, findings }) => {
    assert.equal(await findings(persistence), []);
    await redis.set('session', '', 'EX', 600);
    const titleNow = async (): Promise<string> => (await findings(persistence))[0]!.title;
    assert.match(await titleNow(), 'A restart logs everybody out');
    await redis.config('SET', 'save', '3600 1');
    assert.match(await titleNow(), 'dropped without an event');
    await redis.config('SET', 'appendonly', 'yes');
    assert.match(await titleNow(), 'expire late and together');
  });
});

test.run();
