import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cluster } from '../../src/doctor/rules/cluster.ts';
import { withPatient } from './patient.ts';

test('a node of a cluster, and a server alone', async () => {
  await withPatient({ 'cluster-enabled': 'yes' }, async ({ findings }) => {
    assert.is((await findings(cluster))[0]!.severity, 'info');
  });
  await withPatient({}, async ({ findings }) => {
    assert.equal(await findings(cluster), []);
  });
});

test.run();
