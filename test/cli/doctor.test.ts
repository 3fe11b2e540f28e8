/** `ttlscope doctor` as a command: what it prints, and its exit codes where there is no diagnosis. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { examine } from '../../src/doctor/examination.ts';
import { diagnose } from '../../src/doctor/report.ts';
import { RULES } from '../../src/doctor/rules/index.ts';
import { type Patient, setKeys, until, withPatient } from '../doctor/patient.ts';
import { shellWords } from '../doctor/shell-words.ts';
import { freePort } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';

const urlOf = ({ endpoint }: Patient): string => `redis://127.0.0.1:${endpoint.port}`;
const doctor = (...args: string[]) => startCli(['doctor', '--watch', '100ms', ...args]).ended;

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

test('for people: 80 columns, and a shell reads each command as it is in the report', async () => {
  const settings = { 'notify-keyspace-events': 'Ex', 'client-output-buffer-limit': 'pubsub 64kb 32kb 60' };
  await withPatient(settings, async (patient) => {
    await setKeys(patient.redis, 'session', 20_000, 600_000);
    const { stdout } = await doctor('--redis', urlOf(patient));
    const report = diagnose(await examine(patient.endpoint, { watchMs: 10 }), RULES);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(stdout, /^redis:\/\/127\.0\.0\.1:\d+\/0 \(\S+ \S+, master\): \d+ warnings, \d+ things? to know$/m);
    const printed = stdout.match(/^ {4}redis-cli (?:.*\\\n)*.*$/gm)!.map(shellWords);
    const reported = report.findings.flatMap(({ commands }) => commands).map(shellWords);
    assert.ok(reported.some((command) => command.includes('client-output-buffer-limit')));
    assert.equal(printed, reported);
  });
});

test('a signal while it watches ends it: 105', async () => {
  await withPatient({}, async (patient) => {
    const { child, ended } = startCli(['doctor', '--watch', '1h', '--redis', urlOf(patient)]);
    await until(async () => / name=ttlscope /.test(String(await patient.redis.client('LIST'))));
    await until(async () => /cmdstat_info:/.test(await patient.redis.info('commandstats')));
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.equal([code, stdout, stderr], [105, '', 'SIGINT: ended before anything was measured\n']);
  });
});

test.run();
