/**
 * The Dockerfile, done by hand where there is no Docker: what it makes runs, as somebody else, and ends well at a signal. Alone,
 * because npm and the compiler want all of the machine for most of the time that a file has.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printEndpoint } from '../../src/redis/endpoint.ts';
import type { Result } from '../../src/result/schema.ts';
import { startRedis } from '../support/redis.ts';
import { ROOT } from './compose-project.ts';
import { type BuiltImage, buildByHand, readDockerfile } from './dockerfile.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-image-'));
let image: BuiltImage;

test.before(() => {
  chmodSync(directory, 0o755);
  image = buildByHand(directory);
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

test('both stages begin with one pinned Node, which is the one that package.json asks for', () => {
  const bases = readDockerfile().flatMap(({ name, text }) => (name === 'FROM' ? [text.split(' ')[0]] : []));
  assert.is(bases.length, 2);
  assert.is(new Set(bases).size, 1);
  assert.match(bases[0]!, /^node:20\.\d+\.\d+-bookworm-slim$/);
});

test('it has what runs and nothing of what only development needs', () => {
  const home = join(image.root, 'opt/ttlscope');
  type Packages = Record<string, { dev?: true; optional?: true }>;
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Packages };
  for (const [path, { dev = false, optional }] of Object.entries(packages)) {
    if (!optional) assert.is(existsSync(join(home, path)), !dev, path);
  }
  assert.equal(readdirSync(home).sort(), ['bin', 'dist', 'node_modules', 'package.json', 'scenarios']);
});

test('a run in it is served, and a SIGTERM cuts it off with a result', async () => {
  const redis = await startRedis();
  const [command, ...args] = image.entrypoint;
  const options = ['--redis', printEndpoint(redis.endpoint), '--allow-config', '--metrics', '127.0.0.1:0'];
  const child = spawn(command!, [...args, 'run', 'scenarios/quickstart.yml', ...options], {
    cwd: image.workdir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: image.workdir, NODE_ENV: 'production' },
    ...image.user,
  });
  const said: string[] = [];
  for await (const line of createInterface(child.stderr!)) {
    said.push(line);
    if (/ measure /.test(line)) break;
  }
  const [, url] = /metrics at (\S+)/.exec(said.join('\n'))!;
  assert.match(await (await fetch(url!)).text(), /^ttlscope_sessions_created_total\{.*scenario="quickstart"/m);
  child.stderr!.resume();
  child.kill('SIGTERM');
  assert.equal(await once(child, 'exit'), [105, null]);
  const results = join(image.workdir, 'ttlscope-results');
  const file = join(results, readdirSync(results)[0]!, 'result.json');
  const { verdict } = JSON.parse(readFileSync(file, 'utf8')) as Result;
  assert.is(verdict.state, 'aborted');
  if (image.user) assert.is(statSync(file).uid, image.user.uid);
  assert.is(await redis.client().dbsize(), 0);
  await redis.stop();
});

test.run();
