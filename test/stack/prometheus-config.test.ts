/** docker/prometheus.yml, rewritten for a Prometheus that runs beside no containers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { readPorts } from '../../scripts/stack/ports.ts';
import { localConfig } from '../../scripts/stack/prometheus-config.ts';
import { ROOT } from './compose-project.ts';

const directory = join(ROOT, 'docker');
const text = readFileSync(join(directory, 'prometheus.yml'), 'utf8');

test('targets and the path of the rules are all that changes', () => {
  const before = parse(text);
  const after = parse(
    localConfig(text, directory, { 'ttlscope:9847': '127.0.0.1:1', 'redis_exporter:9121': '127.0.0.1:2' }),
  );
  const expected = structuredClone(before);
  expected.rule_files = [join(ROOT, 'dashboards/alerts.yml')];
  expected.scrape_configs[0].static_configs[0].targets = ['127.0.0.1:1'];
  expected.scrape_configs[1].static_configs[0].targets = ['127.0.0.1:2'];
  assert.equal(after, expected);
});

test('a job whose target is not there is left out', () => {
  const after = parse(localConfig(text, directory, { 'ttlscope:9847': '127.0.0.1:1', 'redis_exporter:9121': null }));
  assert.equal(
    after.scrape_configs.map(({ job_name }: { job_name: string }) => job_name),
    ['ttlscope'],
  );
});

test('a target that nobody has named is an error, not a gap in the figures', () => {
  assert.throws(() => localConfig(text, directory, { 'ttlscope:9847': '127.0.0.1:1' }), /redis_exporter:9121/);
});

test('a port is a number that can be one, or its variable is named', () => {
  assert.is(readPorts({ GRAFANA_PORT: '3001', REDIS_PORT: '' }).grafana, 3001);
  assert.is(readPorts({ REDIS_PORT: '' }).redis, 6379);
  for (const text of ['0', '65536', 'x', '-1', '1.5']) {
    assert.throws(() => readPorts({ GRAFANA_PORT: text }), new RegExp(`GRAFANA_PORT: "${text}" is not a port`));
  }
});

test.run();
