import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expiryLag } from '../../src/doctor/rules/expiry-lag.ts';
import { noMaxmemory } from '../../src/doctor/rules/no-maxmemory.ts';
import { notifyFlags } from '../../src/doctor/rules/notify-flags.ts';
import { replication } from '../../src/doctor/rules/replication.ts';
import { until, withPatient } from './patient.ts';

test('a replica is a warning, its primary a note, a server alone nothing', async () => {
  await withPatient({ 'repl-diskless-sync-delay': '0' }, async (primary) => {
    assert.equal(await primary.findings(replication), []);
    const settings = { replicaof: `127.0.0.1 ${primary.endpoint.port}` };
    await withPatient(settings, async (replica) => {
      await until(async () => /connected_slaves:1/.test(await primary.redis.info('replication')));
      const [has] = await primary.findings(replication);
      assert.is(has!.severity, 'info');
      const [is] = await replica.findings(replication);
      assert.is(is!.severity, 'warning');
      assert.match(is!.remedy, `ttlscope doctor --redis redis://127.0.0.1:${primary.endpoint.port}/0`);
      for (const rule of [notifyFlags, noMaxmemory, expiryLag]) {
        assert.equal(await replica.findings(rule), [], `what is its primary's: ${rule.id}`);
      }
    });
  });
});

test.run();
