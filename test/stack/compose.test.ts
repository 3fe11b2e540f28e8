/** docker-compose.yml as Compose's own parser resolves it, in each of its profiles: what would run, and that it could. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forecast } from '../../src/forecast/forecast.ts';
import { settingBytes } from '../../src/redis/settings/same-value.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { skipUnless } from '../skip.ts';
import { composeProject, goProblem, type Project, ROOT } from './compose-project.ts';

const FILE = join(ROOT, 'docker-compose.yml');
const ALWAYS = ['grafana', 'prometheus', 'redis_exporter', 'ttlscope'];
/** By the profiles on the command line, what runs beside them. */
const BY_PROFILES: [profiles: string[], services: string[]][] = [
  [[], ['redis']],
  [['insight'], ['redis', 'insight']],
  [['valkey'], ['valkey']],
  [['valkey-insight'], ['valkey', 'insight']],
];

const problem = goProblem();
const withGo = skipUnless(test, problem === null, problem ?? '');
const projects: Project[] = [];
const everyService = () => projects.flatMap(({ services }) => Object.entries(services));

withGo('each profile runs what it says, with one server that answers to the name redis', () => {
  for (const [profiles, beside] of BY_PROFILES) {
    const project = composeProject(FILE, profiles);
    projects.push(project);
    assert.is(project.name, 'ttlscope');
    assert.equal(Object.keys(project.services).sort(), [...ALWAYS, ...beside].sort(), `profiles: ${profiles}`);
    const named = Object.values(project.services).filter(({ networks }) =>
      networks.default?.aliases?.includes('redis'),
    );
    assert.is(named.length, 1);
  }
});

withGo('the parser refuses what Compose would refuse', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-compose-'));
  const refused = (text: string, words: RegExp) => {
    writeFileSync(join(directory, 'docker-compose.yml'), text);
    assert.throws(() => composeProject(join(directory, 'docker-compose.yml')), words);
  };
  try {
    refused('services: { a: { image: x, imagine: y } }', /imagine/);
    refused('services: { a: { image: x, volumes: ["data:/data"] } }', /undefined volume data/);
    refused('services: { a: { image: x, depends_on: [b] } }', /undefined service/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

withGo('every image is pinned to a patch release, and the harness is built from here', () => {
  for (const [name, { image, build }] of everyService()) {
    if (name === 'ttlscope') assert.ok(existsSync(join(build!.context, build!.dockerfile)));
    else assert.match(image, /:v?\d+\.\d+\.\d+(-alpine)?$/, name);
  }
});

withGo('what is mounted exists and is read-only; volumes are named', () => {
  for (const [name, { volumes = [] }] of everyService()) {
    for (const { type, source, target, read_only } of volumes) {
      if (type === 'bind') {
        assert.ok(existsSync(source), `${name}: ${source}`);
        assert.ok(read_only, `${name}: ${target}`);
      } else {
        assert.ok(source in projects[1]!.volumes, `${name}: ${source}`);
      }
    }
  }
});

withGo('ports are on loopback, privileges dropped, memory bounded, and nobody has a password', () => {
  for (const [name, service] of everyService()) {
    for (const { host_ip } of service.ports ?? []) assert.is(host_ip, '127.0.0.1', name);
    assert.equal(service.cap_drop, ['ALL'], name);
    assert.equal(service.security_opt, ['no-new-privileges:true'], name);
    assert.ok(Number(service.mem_limit) > 0, name);
    assert.not(
      Object.keys(service.environment ?? {}).some((variable) => /PASSWORD|SECRET|TOKEN/i.test(variable)),
      name,
    );
    assert.is(service.read_only ?? false, name !== 'insight', name);
  }
});

withGo('whom a service waits for tells of its health', () => {
  for (const { services } of projects) {
    for (const [name, { depends_on = {} }] of Object.entries(services)) {
      for (const [dependency, { condition, required }] of Object.entries(depends_on)) {
        const service = services[dependency];
        assert.ok(service || !required, `${name} needs ${dependency}`);
        if (service && condition === 'service_healthy')
          assert.ok(service.healthcheck, `${name} waits for ${dependency}`);
      }
    }
    assert.ok(Object.values(services).every(({ healthcheck }) => healthcheck));
  }
});

withGo('the harness runs SCENARIO against the lab, and is cut off by a signal', () => {
  const usual = projects[0]!.services.ttlscope!;
  assert.ok(existsSync(join(ROOT, usual.command![1]!)));
  const { command } = composeProject(FILE, [], { SCENARIO: 'scenarios/eviction.yml', LINGER: '5m' }).services.ttlscope!;
  assert.equal(command, [
    'run',
    'scenarios/eviction.yml',
    '--redis=redis://redis:6379',
    '--allow-config',
    '--metrics=0.0.0.0:9847',
    '--metrics-linger=5m',
  ]);
  assert.is(usual.init, true);
});

withGo('Prometheus is told of services and ports that there are', () => {
  const { services } = projects[0]!;
  const targets = /targets: \[(.+):(\d+)\]/g;
  const found = [...readFileSync(join(ROOT, 'docker/prometheus.yml'), 'utf8').matchAll(targets)];
  assert.equal(
    found.map(([, name]) => name),
    ['ttlscope', 'redis_exporter'],
  );
  for (const [, name, port] of found) assert.match(services[name!]!.healthcheck!.test.join(' '), `:${port}/`);
});

withGo('a server has room above its maxmemory, which every scenario fits that names none', async () => {
  const conf = readFileSync(join(ROOT, 'docker/redis.conf'), 'utf8');
  const maxmemoryBytes = settingBytes(/^maxmemory (\S+)$/m.exec(conf)![1]!)!;
  for (const name of ['redis', 'valkey'] as const) {
    const server = projects.find(({ services }) => services[name])!.services[name]!;
    assert.ok(Number(server.mem_limit) >= 1.5 * maxmemoryBytes, name);
  }
  const folder = join(ROOT, 'scenarios');
  const tooLarge: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yml'))) {
    const scenario = await loadScenario(join(folder, file), {});
    if (scenario.server.maxmemory === undefined && forecast(scenario).peakServerBytes > maxmemoryBytes / 2) {
      tooLarge.push(file);
    }
  }
  assert.equal(tooLarge, ['ten-million.yml'], 'as docker/redis.conf says');
});

test.run();
