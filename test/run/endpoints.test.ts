/** A run by each way to a server: TLS, a user of its own in another database, a Unix socket. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../src/result/schema.ts';
import { assertLaw } from '../support/law.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';

const certificate = fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url));
const key = fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url));
/** The program is a process of its own: Node reads this when it starts. */
process.env.NODE_EXTRA_CA_CERTS = certificate;

const SCENARIO = `
duration: 1500ms
cutoff: 500ms
cohorts:
  idle: { sessions: 2000, ttl: 1h, payload: 3000, store: connect-redis }
  large: { sessions: 3, ttl: 1h, payload: 2MB, content: random }
  due: { arrivals: 200/s, ttl: 300ms, store: expiry-index }
`;

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
const scenario = join(directory, 'scenario.yaml');
writeFileSync(scenario, SCENARIO);
let server: TestRedis;
let tlsPort: number;

test.before(async () => {
  tlsPort = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  const tls = ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...files];
  server = await startRedis(['--notify-keyspace-events', 'Ex', '--hz', '100', ...tls]);
  const rules = ['on', '>p@ss/word', '~ttlscope:*', '&*', '+@all', '-@dangerous', '+info', '+config|get'];
  await server.client().call('ACL', 'SETUSER', 'measurer', ...rules);
});
test.after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

async function runAt(url: string): Promise<void> {
  const { stdout, stderr, code } = await startCli([
    'run',
    scenario,
    '--redis',
    url,
    '--json',
    '--out',
    join(directory, 'out'),
  ]).ended;
  assert.is(code, 0, stderr + stdout);
  const result = JSON.parse(stdout) as Result;
  assertLaw(result);
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  assert.is(result.cohorts.idle!.outcomes.alive, 2000);
  assert.is(result.cohorts.large!.outcomes.alive, 3);
  assert.ok(result.cohorts.due!.outcomes.expired > 100);
  assert.is(result.totals.outcomes.lost + result.totals.outcomes.refused, 0);
  for (const word of ['p@ss', 'p%40ss']) {
    assert.not.ok((stdout + stderr).includes(word), 'the password is not told');
    assert.not.ok(readFileSync(join(directory, 'out', 'result.json'), 'utf8').includes(word));
  }
  assert.not.match(await server.client().info('keyspace'), /db\d/, 'no key is left in any database');
}

test('TLS', () => runAt(`rediss://localhost:${tlsPort}`));

test('TLS, a user with rights to its own keys only, database 3', () =>
  runAt(`rediss://measurer:p%40ss%2Fword@localhost:${tlsPort}/3`));

test('a Unix socket, the same user and database', () => runAt(`unix://measurer:p%40ss%2Fword@${server.path}?db=3`));

test.run();
