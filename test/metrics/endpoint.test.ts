import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AddressError, Endpoint } from '../../src/metrics/endpoint.ts';
import { isLoopback } from '../../src/metrics/loopback.ts';
import { cli, out, path } from '../cli/short.ts';

const SHOWN = { scenario: 'none', cohorts: ['all'], thresholds: [] };

const open = (port: number, host = '127.0.0.1'): Promise<Endpoint> =>
  Endpoint.open({ address: { host, port }, shown: SHOWN, ui: false }, (reason) => {
    throw new Error(reason);
  });

/** Fetch sets the Host header itself. */
async function ask(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const asking = request(url, { headers, method });
  asking.end();
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, type: response.headers['content-type'], text };
}

test('before there is a run it is alive, not ready, and has no metrics', async () => {
  const endpoint = await open(0);
  try {
    assert.is((await ask(`${endpoint.url}/healthz`)).status, 200);
    assert.is((await ask(`${endpoint.url}/readyz`)).status, 503);
    const type = 'text/plain; version=0.0.4; charset=utf-8';
    assert.equal(await ask(`${endpoint.url}/metrics`), { status: 200, type, text: '' });
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
    assert.is((await ask(`${endpoint.url}/metrics`, { accept })).text, '# EOF\n');
    assert.is((await ask(`${endpoint.url}/nowhere`)).status, 404);
    assert.is((await ask(`${endpoint.url}/metrics`, {}, 'POST')).status, 405);
  } finally {
    await endpoint.close();
  }
});

test('at a loopback address it answers to loopback names only', async () => {
  const endpoint = await open(0);
  try {
    const { port } = new URL(endpoint.url!);
    const statusFor = async (host: string) => (await ask(`${endpoint.url}/healthz`, { host })).status;
    for (const host of [`localhost:${port}`, '127.0.0.1', `[::1]:${port}`, `a.localhost:${port}`]) {
      assert.is(await statusFor(host), 200, host);
    }
    for (const host of ['evil.example', `127.0.0.1.evil.example:${port}`, '0.0.0.0']) {
      assert.is(await statusFor(host), 403, host);
    }
  } finally {
    await endpoint.close();
  }
});

test('where everyone may ask, every name is good', async () => {
  const endpoint = await open(0, '0.0.0.0');
  try {
    const { port } = new URL(endpoint.url!);
    assert.is((await ask(`http://127.0.0.1:${port}/healthz`, { host: 'ttlscope:9847' })).status, 200);
  } finally {
    await endpoint.close();
  }
});

test('what is a loopback address', () => {
  for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1']) assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '128.0.0.1']) assert.not(isLoopback(host), host);
});

test('an address in use is told before the run begins', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    try {
      await open(port);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, AddressError);
      assert.match((error as Error).message, new RegExp(`127.0.0.1:${port} cannot be listened on: .*EADDRINUSE`));
    }
    const { code, stderr } = await cli('run', path, '--out', out('in-use'), '--metrics', `127.0.0.1:${port}`);
    assert.is(code, 104);
    assert.match(stderr, /EADDRINUSE/);
    assert.not.match(stderr, /prepare|fill/);
  } finally {
    other.close();
  }
});

test('what is not an address is told with what is', async () => {
  const { code, stderr } = await cli('run', '--metrics', path);
  assert.is(code, 104);
  assert.match(stderr, /HOST:PORT is expected, such as 127.0.0.1:9847. The scenario goes before it./);
});

test('a gateway that does not answer costs the push, not the result', async () => {
  const { code, stdout, stderr } = await cli('run', path, '--out', out('push'), '--push-gateway', 'http://127.0.0.1:1');
  assert.is(code, 1);
  assert.match(stderr, /http:\/\/127.0.0.1:1: the metrics could not be pushed: .*ECONNREFUSED/);
  assert.match(stdout, /Verdict: /);
  assert.ok(existsSync(join(out('push'), 'result.json')));
});

test.run();
