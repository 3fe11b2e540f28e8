import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { DASHBOARDS, renderDashboard } from '../../dashboards/index.ts';
import { DEFINITIONS } from '../../src/metrics/definitions.ts';
import { skipUnless } from '../skip.ts';
import { promtoolPath } from '../support/prometheus.ts';
import { queriesOf } from './grafana.ts';
import { EXCEPTIONS, NOT_FOLLOWED, RULES } from './lint.ts';
import { FILES, MODELS, panelsOf, type Target } from './model.ts';
import { selectorsOf } from './promql.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAMES = Object.values(DEFINITIONS).map(({ name }) => name);

test('the files are what their sources say; else: npm run dashboards', () => {
  for (const [name, build] of Object.entries(DASHBOARDS)) assert.is(FILES.get(name), renderDashboard(build()), name);
});

for (const [name, rule] of Object.entries(RULES)) {
  test(`${name} holds in all dashboards`, () => {
    const excepted = Object.keys(EXCEPTIONS[name] ?? {});
    const breaking = [...MODELS.values()].flatMap(rule);
    assert.equal(breaking.sort(), excepted.sort());
    assert.not(name in NOT_FOLLOWED);
  });
}

test('the rules can be broken', () => {
  const broken = structuredClone(MODELS.get('session-expiry')!);
  broken.editable = true;
  broken.templating.list = broken.templating.list.filter(({ name }) => name !== 'job' && name !== 'datasource');
  broken.templating.list[0]!.query = 'label_values(up)';
  broken.templating.list[0]!.refresh = 0;
  const [panel] = panelsOf(broken);
  Object.assign(panel!, { title: '', datasource: { uid: 'prometheus' }, targets: [], fieldConfig: { defaults: {} } });
  const target = (at: number): Target => panelsOf(broken)[at]!.targets![0]!;
  target(1).expr = 'rate(ttlscope_sessions_due_total{job=~"$job"}[5m])';
  target(2).expr = 'ttlscope_sessions_due_total{run="r"}';
  target(3).expr = 'sum(ttlscope_sessions{job=~"$job"}';
  const excepted = (name: string): number => Object.keys(EXCEPTIONS[name] ?? {}).length;
  for (const [name, rule] of Object.entries(RULES)) assert.ok(rule(broken).length > excepted(name), name);
});

test('each asks for metrics that there are, and for no bucket by its bound', () => {
  for (const model of MODELS.values()) {
    for (const { name, expr } of queriesOf(model)) {
      for (const { metric, matchers } of selectorsOf(expr)!) {
        const isOurs = NAMES.includes(metric.replace(/_(bucket|sum|count)$/, ''));
        assert.ok(isOurs || metric.startsWith('redis_'), `${name}: ${metric}`);
        // Prometheus 3 writes 1.0 where Prometheus 2 writes 1.
        assert.not(
          matchers.some((matcher) => /^le\b/.test(matcher)),
          name,
        );
      }
    }
  }
});

test('they can be told apart, lead to each other, and are of the model that files are provisioned in', () => {
  const models = [...MODELS.values()];
  assert.is(new Set(models.map(({ uid }) => uid)).size, models.length);
  for (const { schemaVersion, links, description, annotations } of models) {
    assert.is(schemaVersion, 42);
    assert.ok(links.some(({ type, tags }) => type === 'dashboards' && tags.includes('ttlscope')));
    assert.ok(description.length > 20);
    assert.ok(annotations.list.some(({ name }) => name === 'Phases'));
  }
});

test("no number is judged by Grafana's default, red above 80", () => {
  for (const { type, title, fieldConfig } of [...MODELS.values()].flatMap(panelsOf)) {
    if (type === 'stat' || type === 'bargauge') assert.ok(fieldConfig?.defaults?.thresholds?.steps.length, title);
  }
});

test('a panel of a histogram says what it leaves out', () => {
  for (const model of MODELS.values()) {
    for (const { title, targets = [] } of panelsOf(model)) {
      if (targets.some(({ expr }) => expr.includes('ttlscope_expiry_lag_seconds_bucket'))) {
        assert.match(title!, /\(delivered only\)$/);
      }
    }
  }
});

interface Rules {
  groups: { rules: { alert?: string; annotations?: Record<string, string> }[] }[];
}

test('each alert says what it is, and where that is explained', () => {
  const { groups } = parse(readFileSync(`${ROOT}dashboards/alerts.yml`, 'utf8')) as Rules;
  const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);
  assert.ok(alerts.length >= 10);
  for (const { alert, annotations } of alerts) {
    const { summary, description, runbook_url: runbook } = annotations!;
    assert.ok(summary && description, alert);
    const [file, anchor] = runbook!.split('#');
    assert.is(anchor, alert!.toLowerCase());
    assert.ok(existsSync(`${ROOT}${file}`), file);
    assert.match(readFileSync(`${ROOT}${file}`, 'utf8'), new RegExp(`^## ${alert}$`, 'm'), alert);
  }
  const tested = readFileSync(`${ROOT}dashboards/alerts.test.yml`, 'utf8');
  for (const { alert } of alerts) {
    const cases = tested.split('  - name: ').filter((text) => text.includes(`alertname: ${alert}\n`));
    assert.ok(
      cases.some((text) => text.includes('exp_labels')),
      `${alert} fires`,
    );
    assert.ok(
      cases.some((text) => text.includes('exp_alerts: []')),
      `${alert} does not fire`,
    );
  }
});

skipUnless(
  test,
  promtoolPath !== undefined,
  'promtool is missing',
)('promtool takes the rules, and their cases pass', () => {
  const run = (...args: string[]): string =>
    execFileSync(promtoolPath!, args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  assert.match(run('check', 'rules', 'dashboards/alerts.yml'), 'SUCCESS');
  run('test', 'rules', 'dashboards/alerts.test.yml');
});

test.run();
