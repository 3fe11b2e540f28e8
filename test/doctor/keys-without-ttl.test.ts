import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keysWithoutTtl } from '../../src/doctor/rules/keys-without-ttl.ts';
import { setKeys, withPatient } from './patient.ts';

test('keys without a TTL that come in between the looks; those that are there, and sessions, are well', async () => {
  await withPatient({}, async ({ redis, findings }) => {
    await setKeys(redis, 'old', 100, null);
    assert.equal(await findings(keysWithoutTtl), []);
    assert.equal(await findings(keysWithoutTtl, () => setKeys(redis, 'session', 50, 600_000)), []);
    assert.equal(await findings(keysWithoutTtl, () => setKeys(redis, 'few', 9, null)), []);
    const [finding] = await findings(keysWithoutTtl, () => setKeys(redis, 'stream', 20, null));
    assert.match(finding!.evidence, /129 of 179 keys have no TTL, 20 more than/);
  });
});

test('a SET over a session drops its TTL, which is seen as well', async () => {
  await withPatient({}, async ({ redis, findings }) => {
    await setKeys(redis, 'session', 20, 600_000);
    assert.is((await findings(keysWithoutTtl, () => setKeys(redis, 'session', 20, null))).length, 1);
  });
});

test.run();
