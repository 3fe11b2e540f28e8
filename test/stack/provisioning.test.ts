/** What Prometheus and Grafana are given to start with, each by its own tool or by the types of its own source. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { z } from 'zod';
import { skipUnless } from '../skip.ts';
import { promtoolPath } from '../support/prometheus.ts';
import { ROOT } from './compose-project.ts';

const PROVISIONING = 'docker/grafana/provisioning';
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Grafana: pkg/services/provisioning/datasources/types.go, upsertDataSourceFromConfigV1; jsonData is the plugin's own. */
const datasourceFile = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(
    z.strictObject({
      name: z.string(),
      uid: z.string(),
      type: z.literal('prometheus'),
      access: z.enum(['proxy', 'direct']),
      url: z.string(),
      isDefault: z.boolean(),
      editable: z.boolean(),
      jsonData: z.strictObject({
        httpMethod: z.enum(['GET', 'POST']),
        prometheusType: z.enum(['Prometheus', 'Mimir', 'Cortex', 'Thanos']),
        timeInterval: z.string(),
        manageAlerts: z.boolean(),
      }),
    }),
  ),
});

/** Grafana: pkg/services/provisioning/dashboards/types.go, configV1; options of type `file`: file_reader.go. */
const dashboardFile = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      orgId: z.int(),
      type: z.literal('file'),
      folder: z.string(),
      disableDeletion: z.boolean(),
      allowUiUpdates: z.boolean(),
      updateIntervalSeconds: z.int(),
      options: z.strictObject({ path: z.string() }),
    }),
  ),
});

const compose = z.looseObject({
  services: z.looseObject({
    grafana: z.looseObject({ environment: z.record(z.string(), z.string()), volumes: z.array(z.string()) }),
  }),
});
const { environment, volumes } = compose.parse(parse(read('docker-compose.yml'), { merge: true })).services.grafana;

/** Where a path in Grafana's container comes from, in this repository. */
function sourceOf(path: string): string {
  const mounts = volumes.map((volume) => volume.split(':') as [string, string]);
  const mount = mounts.find(([, target]) => path === target || path.startsWith(`${target}/`));
  if (!mount) throw new Error(`${path}: nothing is mounted there`);
  return join(ROOT, mount[0], path.slice(mount[1].length));
}

const withPromtool = skipUnless(test, promtoolPath !== undefined, 'promtool is missing');

withPromtool('promtool takes docker/prometheus.yml, and the rules that it names', () => {
  const { status, stdout, stderr } = spawnSync(promtoolPath!, ['check', 'config', 'docker/prometheus.yml'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.is(status, 0, stdout + stderr);
  assert.match(stdout, '1 rule files found');
});

test('the datasource has the fields that Grafana reads, and knows how often Prometheus scrapes', () => {
  const { datasources } = datasourceFile.parse(parse(read(`${PROVISIONING}/datasources/prometheus.yml`)));
  const { global } = parse(read('docker/prometheus.yml')) as { global: { scrape_interval: string } };
  assert.is(datasources.length, 1);
  assert.is(datasources[0]!.jsonData.timeInterval, global.scrape_interval);
});

test('the provider of dashboards has the fields that Grafana reads, and its folder holds the home', () => {
  const { providers } = dashboardFile.parse(parse(read(`${PROVISIONING}/dashboards/ttlscope.yml`)));
  assert.is(providers.length, 1);
  assert.match(providers[0]!.options.path, /^\$\{DASHBOARDS\}$/);
  const home = environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!;
  assert.is(home, `${environment.DASHBOARDS}/${basename(home)}`);
  const { title } = JSON.parse(readFileSync(sourceOf(home), 'utf8')) as { title: string };
  assert.match(title, 'Session expiry');
});

test('each variable in them is set where Grafana is started, with Docker and without', () => {
  const files = [`${PROVISIONING}/datasources/prometheus.yml`, `${PROVISIONING}/dashboards/ttlscope.yml`];
  const names = files.flatMap((file) => [...read(file).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!));
  assert.equal(names, ['PROMETHEUS_URL', 'DASHBOARDS']);
  const without = read('scripts/stack/start-parts.ts');
  for (const name of names) {
    assert.ok(environment[name], name);
    assert.match(without, `${name}: `);
  }
});

test('Grafana’s settings are where it looks for them', () => {
  for (const path of ['/etc/grafana/grafana.ini', '/etc/grafana/provisioning', environment.DASHBOARDS!]) {
    assert.ok(existsSync(sourceOf(path)), path);
  }
});

test.run();
