import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Untold } from '../../src/doctor/facts.ts';
import { scanningClients } from '../../src/doctor/rules/scanning-clients.ts';
import { alteredFacts } from './altered-facts.ts';
import { withPatient } from './patient.ts';

test('who scans between the looks, by name; a scan of the past is none', async () => {
  await withPatient({}, async ({ client, findings }) => {
    const cleaner = client();
    await cleaner.client('SETNAME', 'cleaner');
    assert.equal(await findings(scanningClients), []);
    const [scan] = await findings(scanningClients, () => cleaner.scan(0));
    assert.match(scan!.title, /by SCAN$/);
    assert.match(scan!.evidence, /SCAN 1; it was the last command of 127\.0\.0\.1:\d+ \(cleaner\)\./);
    const [keys] = await findings(scanningClients, () => cleaner.keys('*'));
    assert.match(keys!.title, /by KEYS$/);
    assert.is(keys!.source, undefined);
    assert.equal(await findings(scanningClients), []);
  });
});

test('a server that counts no commands leaves it open', async () => {
  await withPatient({}, async ({ facts }) => {
    const counted = await facts();
    const none = alteredFacts(counted, { now: { cmdstat_info: '' } });
    assert.throws(
      () => scanningClients.examine(none),
      (error: Error) => error instanceof Untold,
    );
  });
});

test.run();
