import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noMaxmemory } from '../../src/doctor/rules/no-maxmemory.ts';
import { withPatient } from './patient.ts';

test('no limit of memory; the command sets one', async () => {
  await withPatient({}, async ({ redis, findings }) => {
    const [finding] = await findings(noMaxmemory);
    assert.is(finding!.severity, 'warning');
    const [, bytes] = /CONFIG SET maxmemory (\d+)$/.exec(finding!.commands![0]!)!;
    await redis.config('SET', 'maxmemory', bytes!);
    assert.equal(await findings(noMaxmemory), []);
  });
});

test.run();
