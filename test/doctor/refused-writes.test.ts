import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusedWrites } from '../../src/doctor/rules/refused-writes.ts';
import { withPatient } from './patient.ts';

test('refused now, refused once, never refused', async () => {
  await withPatient({ maxmemory: '64mb' }, async ({ redis, findings }) => {
    assert.equal(await findings(refusedWrites), []);
    await redis.config('SET', 'maxmemory', '1');
    const login = () => redis.set('session', '').catch(({ message }: Error) => assert.match(message, /^OOM/));
    const [now] = await findings(refusedWrites, login);
    assert.is(now!.severity, 'error');
    assert.match(now!.evidence, '1 OOM errors since the start, 1 in the last');
    assert.is((await findings(refusedWrites))[0]!.severity, 'warning');
  });
});

test.run();
