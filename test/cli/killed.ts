import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyspace, parseInfo } from '../../src/redis/info.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';
import { ownStateDirectory } from '../support/state-directory.ts';

const SCENARIO = `
duration: 300ms
cutoff: 100ms
server: { hz: 700, maxmemory: 100mb, client-output-buffer-limit: pubsub 0 0 0, maxmemory-policy: volatile-ttl }
cohorts:
  idle: { sessions: 20, ttl: 1h }
`;

/** A place in a run: what is written there, and whether it is killed before or after that is sent. */
export interface Place {
  phase: string;
  at: RegExp;
  when: 'before' | 'after';
  /** What is in force on the server then. */
  leaves: 'nothing' | 'a journal' | 'changes';
}

/** The command as it is on the wire. */
export function wire(...words: string[]): RegExp {
  return new RegExp(words.map((word) => `\\$${word.length}\\r\\n${word}\\r\\n`).join(''));
}

const state = ownStateDirectory();
const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
const scenario = join(directory, 'scenario.yaml');
const killAt = new URL('../support/kill-at.mjs', import.meta.url).href;
let server: TestRedis;

/** Registers a test for each place: the run is killed there, and `ttlscope restore` leaves the server as it was before. */
export function testKilledAt(places: readonly Place[]): void {
  test.before(async () => {
    writeFileSync(scenario, SCENARIO);
    server = await startRedis();
  });
  test.after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });
  for (const place of places) {
    test(`killed ${place.when} ${place.phase}: the whole CONFIG is as it was`, () => killedAt(place));
  }
}

async function killedAt({ at, when, leaves }: Place): Promise<void> {
  const client = server.client();
  const before = await configOf(client);
  const url = `redis://127.0.0.1:${server.endpoint.port}`;
  const run = startCli(['run', scenario, '--redis', url, '--allow-config', '--out', join(directory, 'out')], {
    env: { NODE_OPTIONS: `--import ${killAt}`, KILL_AT: at.source, KILL_WHEN: when },
  });
  const signalled = new Promise((resolve) => run.child.once('exit', (_code, signal) => resolve(signal)));
  const { stderr } = await run.ended;
  assert.is(await signalled, 'SIGKILL', stderr);
  assert.is(state.journals().filter((name) => name.endsWith('.json')).length, leaves === 'nothing' ? 0 : 1, stderr);
  const changed = JSON.stringify(await configOf(client)) !== JSON.stringify(before);
  assert.is(changed, leaves === 'changes');
  const restore = await startCli(['restore']).ended;
  assert.is(restore.code, 0, restore.stderr);
  assert.equal(await configOf(client), before);
  const { keys, expires } = keyspace(parseInfo(await client.info('keyspace')), 0);
  assert.is(expires, keys, 'each key that is left ends by its TTL');
  await client.flushall();
  assert.equal(state.journals(), []);
}

async function configOf(client: Redis): Promise<unknown> {
  return await client.config('GET', '*');
}
