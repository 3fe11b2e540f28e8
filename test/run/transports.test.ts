/** The load goes through what the other connections go through: TLS, a user of an ACL, another database, a Unix socket. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../src/result/schema.ts';
import { run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';
import { freePort, startRedis } from '../support/redis.ts';

const certificate = fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url));
const key = fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url));
const cli = fileURLToPath(new URL('../../bin/ttlscope', import.meta.url));
const visits = { every: '200ms', for: '1s' };
const scenario = {
  duration: '2s',
  cutoff: '300ms',
  cohorts: {
    filled: { sessions: 20_000, ttl: { together: '1s' }, payload: 300 },
    visitors: {
      arrivals: '200/s',
      ttl: '1s',
      activity: visits,
      refresh: 'touch',
      logout: '50%',
      store: 'connect-redis',
    },
  },
};

function assertGood(result: Result): void {
  assertLaw(result);
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  assert.is(result.cohorts.filled!.outcomes.expired, 20_000);
  assert.is(result.totals.outcomes.lost + result.totals.outcomes.refused, 0);
}

test('a Unix socket, a user with a password, another database', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    await server.client().call('ACL', 'SETUSER', 'bench', 'on', '>secret', '~*', '&*', '+@all');
    assertGood(await run(parseScenario(scenario), { redis: `unix://bench:secret@${server.path}?db=3` }));
    assert.is(await server.client({ db: 3 }).dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test('TLS, in a process that trusts the certificate', async () => {
  const port = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  const tls = ['--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
  const server = await startRedis([...tls, '--notify-keyspace-events', 'Ex']);
  const folder = await mkdtemp(join(tmpdir(), 'ttlscope-tls-'));
  try {
    const module = join(folder, 'scenario.mjs');
    await writeFile(module, `export default ${JSON.stringify(scenario)};`);
    const args = [
      'run',
      module,
      '--redis',
      `rediss://localhost:${port}`,
      '--json',
      '--quiet',
      '--out',
      join(folder, 'out'),
    ];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
    const { stdout } = await promisify(execFile)(cli, args, { env, maxBuffer: 64 * 1024 * 1024 });
    assertGood(JSON.parse(stdout) as Result);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await server.stop();
  }
});

test.run();
