import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { examine } from '../../src/doctor/examination.ts';
import { type DoctorReport, diagnose, doctorJsonSchema } from '../../src/doctor/report.ts';
import { RULES } from '../../src/doctor/rules/index.ts';
import { parseEndpoint } from '../../src/redis/endpoint.ts';
import { freePort } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';
import { type Patient, setKeys, until, withPatient } from './patient.ts';

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

test('no server: 97; bad arguments: 104; the password is nowhere', async () => {
  const given = [
    ['--redis', `redis://:hush-hush@127.0.0.1:${await freePort()}`],
    ['--redis', 'http://localhost'],
    ['--watch', '2 weeks'],
    ['--help'],
  ];
  const [nowhere, scheme, watch, help] = await Promise.all(given.map((args) => doctor(...args)));
  assert.is(nowhere!.code, 97);
  assert.match(nowhere!.stderr, 'nothing listens there');
  assert.not.match(nowhere!.stderr, 'hush');
  assert.is(scheme!.code, 104);
  assert.is(watch!.code, 104);
  assert.match(watch!.stderr, 'A duration from 100ms to 1h is expected');
  assert.match(help!.stdout, /^ {2}2 +errors$/m);
});

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
    assert.equal(words(permit!).slice(0, 8), ['redis-cli', '-h', host, '-p', String(port), 'ACL', 'SETUSER', 'alice']);
    await patient.redis.call(...(words(permit!).slice(5) as [string, ...string[]]));
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
  await withPatient({}, async (primary) => {
    await withPatient({ replicaof: `127.0.0.1 ${primary.endpoint.port}` }, async (replica) => {
      await until(async () => /master_link_status:up/.test(await replica.redis.info('replication')));
      const report = await reportOf(urlOf(replica));
      assert.is(report.server.role, 'slave');
      assert.is(report.findings[0]!.rule, 'replication');
    });
  });
});

test('for people: 80 columns, and a shell reads each command as it is in the report', async () => {
  const settings = { 'notify-keyspace-events': 'Ex', 'client-output-buffer-limit': 'pubsub 64kb 32kb 60' };
  await withPatient(settings, async (patient) => {
    await setKeys(patient.redis, 'session', 20_000, 600_000);
    const [{ stdout }, report] = await Promise.all([doctor('--redis', urlOf(patient)), reportOf(urlOf(patient))]);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(stdout, /^redis:\/\/127\.0\.0\.1:\d+\/0 \(\S+ \S+, master\): \d+ warnings, \d+ things? to know$/m);
    const printed = stdout.match(/^ {4}redis-cli (?:.*\\\n)*.*$/gm)!.map(words);
    const reported = report.findings.flatMap(({ commands }) => commands).map(words);
    assert.ok(reported.some((command) => command.includes('client-output-buffer-limit')));
    assert.equal(printed, reported);
  });
});

/** What a shell makes of a command. */
function words(command: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${command.trim()}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

test('a signal while it watches ends it: 105', async () => {
  await withPatient({}, async (patient) => {
    const { child, ended } = startCli(['doctor', '--watch', '1h', '--redis', urlOf(patient)]);
    await until(async () => / name=ttlscope /.test(String(await patient.redis.client('LIST'))));
    await until(async () => /cmdstat_info:/.test(await patient.redis.info('commandstats')));
    child.kill('SIGINT');
    assert.equal(await ended, { code: 105, stdout: '', stderr: '' });
  });
});

test('the schema that is shipped is that of the report', () => {
  const committed = readFileSync(new URL('../../doctor.schema.json', import.meta.url), 'utf8');
  assert.equal(JSON.parse(committed), JSON.parse(JSON.stringify(doctorJsonSchema())), 'npm run schemas');
});

test.run();
