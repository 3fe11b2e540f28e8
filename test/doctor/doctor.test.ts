import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { examine } from '../../src/doctor/examination.ts';
import { type DoctorReport, diagnose, doctorJsonSchema } from '../../src/doctor/report.ts';
import { RULES } from '../../src/doctor/rules/index.ts';
import { parseEndpoint } from '../../src/redis/endpoint.ts';
import { startCli } from '../support/run-cli.ts';
import { type Patient, setKeys, until, withPatient } from './patient.ts';
import { shellWords } from './shell-words.ts';

const urlOf = ({ endpoint }: Patient, credentials = ''): string => `redis://${credentials}127.0.0.1:${endpoint.port}`;
const doctor = (...args: string[]) => startCli(['doctor', '--watch', '100ms', ...args]).ended;

async function reportOf(url: string): Promise<DoctorReport> {
  return diagnose(await examine(parseEndpoint(url), { watchMs: 10 }), RULES);
}

/** Hears of each end, has a limit of memory and evicts what is soonest dead, keeps sessions over a restart, is not late. */
const HEALTHY = {
  'notify-keyspace-events': 'Exe',
  maxmemory: '1gb',
  'maxmemory-policy': 'volatile-ttl',
  appendonly: 'yes',
  hz: '50',
};

test('a healthy server: 0, and nothing but things to know', async () => {
  await withPatient(HEALTHY, async (patient) => {
    await setKeys(patient.redis, 'session', 1000, 600_000);
    await patient.client().subscribe('__keyevent@0__:expired');
    const { code, stdout } = await doctor('--json', '--redis', urlOf(patient));
    assert.is(code, 0, stdout);
    const report: DoctorReport = JSON.parse(stdout);
    assert.equal(report.notExamined, []);
    assert.ok(report.findings.every(({ severity }) => severity === 'info'));
  });
});

test('warnings: 1, errors: 2, the gravest first', async () => {
  await withPatient({}, async (patient) => {
    assert.is((await doctor('--redis', urlOf(patient))).code, 1);
    await patient.client().subscribe('__keyevent@0__:expired');
    const { code, stdout } = await doctor('--json', '--redis', urlOf(patient));
    assert.is(code, 2);
    const report: DoctorReport = JSON.parse(stdout);
    const severities = report.findings.map(({ severity }) => severity);
    assert.equal(
      severities,
      [...severities].sort((a, b) => order(a) - order(b)),
    );
    assert.is(severities[0], 'error');
  });
});

const order = (severity: string): number => ['error', 'warning', 'info'].indexOf(severity);

/** By the names of 7.0 and later, and the one of 6.2. */
const READS = /^(ping|info|client(\|(setname|list))?|config(\|get)?|pubsub(\|(numsub|numpat))?)$/;

test('it reads, no key and little: every command that the server has seen', async () => {
  await withPatient(HEALTHY, async (patient) => {
    await setKeys(patient.redis, 'session', 100, 600_000);
    await patient.redis.config('RESETSTAT');
    await doctor('--redis', urlOf(patient));
    const info = await patient.redis.info('everything');
    const calls = [...info.matchAll(/cmdstat_(\S+):calls=(\d+)/g)].filter(([, name]) => name !== 'config|resetstat');
    for (const [, name] of calls) assert.match(name!, READS);
    const sum = calls.reduce((total, [, , count]) => total + Number(count), 0);
    assert.ok(sum >= 8 && sum <= 20, `${sum} commands`);
    assert.match(info, 'keyspace_hits:0\r\nkeyspace_misses:0\r\n');
    assert.match(info, 'rdb_changes_since_last_save:100\r\n');
  });
});

test('an account that may ask for INFO alone: what it may not ask is listed, and passes for nothing', async () => {
  await withPatient({}, async (patient) => {
    await patient.redis.call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>hush-hush', '+ping', '+info');
    const report = await reportOf(urlOf(patient, 'alice:hush-hush@'));
    const dark = report.notExamined.map(({ rule }) => rule);
    for (const rule of ['notify-flags', 'flags-at-restart', 'listeners', 'burst', 'expiry-lag', 'lazyfree']) {
      assert.ok(dark.includes(rule), rule);
    }
    for (const { reason } of report.notExamined) assert.match(reason, 'NOPERM');
    assert.ok(report.findings.some(({ rule }) => rule === 'no-maxmemory'));
    assert.not.match(JSON.stringify(report), 'hush');
    const { stdout, code } = await doctor('--redis', urlOf(patient, 'alice:hush-hush@'));
    assert.is(code, 1);
    assert.not.match(stdout, 'hush');
    assert.match(stdout, /^Could not be examined: the server says: NOPERM [^-]+\n- notify-flags: are the events sent/m);
    const [permit] = report.notExamined[0]!.commands;
    assert.is(stdout.match(/SETUSER/g)!.length, 1);
    const { host, port } = patient.endpoint;
    assert.equal(shellWords(permit!).slice(0, 8), [
      'redis-cli',
      '-h',
      host,
      '-p',
      String(port),
      'ACL',
      'SETUSER',
      'alice',
    ]);
    await patient.redis.call(...(shellWords(permit!).slice(5) as [string, ...string[]]));
    assert.equal((await reportOf(urlOf(patient, 'alice:hush-hush@'))).notExamined, []);
    await patient.redis.call('ACL', 'SETUSER', 'bob', 'reset', 'on', '>pw', '+ping');
    const refused = await doctor('--redis', urlOf(patient, 'bob:pw@'));
    assert.is(refused.code, 97);
    assert.match(refused.stderr, /may not use INFO.*\n.*ACL SETUSER bob \+info/);
  });
});

test('well in all that could be examined, which is not all: 1', async () => {
  await withPatient(HEALTHY, async (patient) => {
    await patient.redis.call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>hush-hush', '+ping', '+info');
    const { code, stdout } = await doctor('--redis', urlOf(patient, 'alice:hush-hush@'));
    assert.not.match(stdout, /^(ERROR|WARNING)/m);
    assert.is(code, 1);
  });
});

test('a node of a cluster and a replica are examined, not refused', async () => {
  await withPatient({ 'cluster-enabled': 'yes' }, async (node) => {
    const report = await reportOf(urlOf(node));
    assert.ok(report.findings.some(({ rule }) => rule === 'cluster'));
    assert.equal(report.notExamined, []);
  });
  await withPatient({ 'repl-diskless-sync-delay': '0' }, async (primary) => {
    await withPatient({ replicaof: `127.0.0.1 ${primary.endpoint.port}` }, async (replica) => {
      await until(async () => /master_link_status:up/.test(await replica.redis.info('replication')));
      const report = await reportOf(urlOf(replica));
      assert.is(report.server.role, 'slave');
      assert.is(report.findings[0]!.rule, 'replication');
    });
  });
});

test('the schema that is shipped is that of the report', () => {
  const committed = readFileSync(new URL('../../doctor.schema.json', import.meta.url), 'utf8');
  assert.equal(JSON.parse(committed), JSON.parse(JSON.stringify(doctorJsonSchema())), 'npm run schemas');
});

test.run();
