import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { FENCE } from './listener.ts';

const CHILD = fileURLToPath(new URL('./hear-fences.ts', import.meta.url));
const FENCES = 20_000;
const certificate = fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url));
const key = fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url));
let server: TestRedis;
let port: number;

test.before(async () => {
  port = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  server = await startRedis(['--tls-port', String(port), '--tls-auth-clients', 'no', ...files]);
});
test.after(() => server.stop());

/** A process of its own, because Node reads NODE_EXTRA_CA_CERTS when it starts. Returns what it said last. */
async function hear(url: string, trusted: boolean): Promise<string> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, url, String(FENCES)], {
    env: { ...env, ...(trusted && { NODE_EXTRA_CA_CERTS: certificate }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const line of createInterface(child.stdout)) {
    said = line;
    if (line !== 'listening') continue;
    await server.client().eval(`for i = 1, ${FENCES} do redis.call('PUBLISH', KEYS[1], i) end`, 1, FENCE);
  }
  return said;
}

test('TLS with a certificate that is trusted, by name and by address', async () => {
  for (const host of ['localhost', '127.0.0.1']) {
    assert.is(await hear(`rediss://${host}:${port}`, true), `heard ${FENCES} in order`);
  }
});

test('a certificate that nobody vouches for is refused', async () => {
  assert.match(await hear(`rediss://localhost:${port}`, false), 'self-signed certificate');
});

test('a port that speaks TLS, tried without it, is refused', async () => {
  assert.not.match(await hear(`redis://127.0.0.1:${port}`, true), 'heard');
});

test.run();
