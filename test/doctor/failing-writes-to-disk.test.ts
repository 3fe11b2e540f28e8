import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failingWritesToDisk } from '../../src/doctor/rules/failing-writes-to-disk.ts';
import { alteredFacts } from './altered-facts.ts';
import { type Patient, until, withPatient } from './patient.ts';

async function save({ redis }: Patient): Promise<void> {
  await redis.bgsave();
  await until(async () => /rdb_bgsave_in_progress:0/.test(await redis.info('persistence')));
}

test('a save that went well, one that did not and what it refuses, and one that mends it', async () => {
  await withPatient({ save: '3600 1', dbfilename: 'dump.rdb' }, async (patient) => {
    const { redis, findings } = patient;
    await save(patient);
    assert.equal(await findings(failingWritesToDisk), []);
    const [, directory] = (await redis.config('GET', 'dir')) as string[];
    const dump = join(directory!, 'dump.rdb');
    await rm(dump);
    // A file cannot take the name of a directory.
    await mkdir(dump);
    await save(patient);
    await redis.set('session', '').catch(({ message }: Error) => assert.match(message, /^MISCONF/));
    const [finding] = await findings(failingWritesToDisk);
    assert.is(finding!.severity, 'error');
    assert.match(finding!.evidence, 'rdb_last_bgsave_status:err. Writes refused for it since the start (MISCONF): 1.');
    await rm(dump, { recursive: true });
    await save(patient);
    assert.equal(await findings(failingWritesToDisk), []);
  });
});

test('an AOF that cannot be written, and one that cannot be rewritten', async () => {
  await withPatient({}, async ({ facts }) => {
    const found = await facts();
    const severityWith = (now: Record<string, string>) =>
      failingWritesToDisk.examine(alteredFacts(found, { now })).map(({ severity }) => severity);
    assert.equal(severityWith({ aof_last_write_status: 'err' }), ['error']);
    assert.equal(severityWith({ aof_last_bgrewrite_status: 'err' }), ['warning']);
  });
});

test.run();
