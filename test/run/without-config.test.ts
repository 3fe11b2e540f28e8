/** A run on a server that forbids CONFIG, as managed services do. */
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import type { Result } from '../../src/result/schema.ts';
import { type RunOptions, run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { refusal } from '../support/refusal.ts';
import { ownStateDirectory } from '../support/state-directory.ts';

const state = ownStateDirectory();

interface Asked extends RunOptions {
  settings?: object;
  user?: string;
  refresh?: 'rewrite' | 'touch';
}

async function play({ endpoint }: TestRedis, { settings = {}, user = '', refresh = 'touch', ...options }: Asked) {
  const activity = { every: '100ms', for: '200ms' };
  const cohorts = { idle: { sessions: 50, ttl: '1h' }, due: { arrivals: '50/s', ttl: '100ms', activity, refresh } };
  const scenario = parseScenario({ duration: '400ms', cutoff: '300ms', server: settings, cohorts });
  const notes: string[] = [];
  const redis = `redis://${user}127.0.0.1:${endpoint.port}`;
  const result: Result = await run(scenario, { redis, onNote: (line) => void notes.push(line), ...options });
  assertLaw(result);
  return { result, notes };
}

async function withRedis(args: readonly string[], use: (server: TestRedis, client: Redis) => Promise<void>) {
  const server = await startRedis(args);
  try {
    await use(server, server.client());
    assert.is(await server.client().dbsize(), 0);
    assert.equal(state.journals(), []);
  } finally {
    await server.stop();
  }
}

const WITHOUT = ['--rename-command', 'CONFIG', ''];
const allowConfig = true;
const noConfig = true;

test('without --no-config: refused, with what is to be set by hand', async () => {
  await withRedis([...WITHOUT, '--hz', '20'], async (server) => {
    for (const options of [{}, { allowConfig }]) {
      const { message, remedy } = await refusal(play(server, { settings: { hz: 20, save: '' }, ...options }));
      assert.match(message, /does not let its settings be read \(CONFIG GET: ERR unknown command/);
      assert.match(remedy, '--no-config:\n  save ""\n  notify-keyspace-events Ex');
      assert.not.match(remedy, 'hz 20');
    }
  });
});

test('with it: what the server tells is in the result, and nothing else', async () => {
  await withRedis([...WITHOUT, '--hz', '20', '--notify-keyspace-events', 'Ex'], async (server) => {
    const { result, notes } = await play(server, { settings: { hz: 50, 'active-expire-effort': 3 }, noConfig });
    assert.equal(result.server.settings, { hz: '20', maxmemory: '0', 'maxmemory-policy': 'noeviction' });
    assert.is(result.server.effectiveHz, 20);
    const told = [
      'server.hz: "50" was asked for; the server has "20"',
      'server.active-expire-effort: "3" was asked for; the server does not tell what it has',
    ];
    assert.equal(result.verdict.state, 'valid');
    for (const line of told) assert.ok(notes.includes(line) && result.verdict.reasons.includes(line), line);
    assert.is(result.totals.outcomes.lost, 0);
  });
});

test('flags that are missing are found out by trying', async () => {
  const flags: [set: string, refresh: 'rewrite' | 'touch', missing: string | null][] = [
    ['', 'touch', 'E, x'],
    ['Kx', 'touch', 'E, x'],
    ['Eg', 'touch', 'E, x'],
    ['Ex', 'rewrite', 'n'],
    ['Exn', 'rewrite', null],
    ['AEn', 'rewrite', null],
  ];
  for (const [set, refresh, missing] of flags) {
    await withRedis([...WITHOUT, '--notify-keyspace-events', set], async (server) => {
      if (missing === null) {
        assert.is((await play(server, { refresh, noConfig })).result.verdict.state, 'valid');
        return;
      }
      const { message, remedy } = await refusal(play(server, { refresh, noConfig }));
      assert.match(message, `does not send the events of notify-keyspace-events ${missing}: tried`);
      assert.match(remedy, 'in its console');
    });
  }
});

test('where something may be evicted, that it is told of cannot be tried', async () => {
  const evicting = ['--maxmemory', '100mb', '--maxmemory-policy', 'volatile-ttl', '--notify-keyspace-events', 'Exe'];
  await withRedis([...WITHOUT, ...evicting], async (server) => {
    const { result } = await play(server, { noConfig });
    assert.match(
      result.verdict.reasons.join(),
      'whether it has e of notify-keyspace-events could not be tried: without e',
    );
  });
});

/** All that a run needs but CONFIG. */
const RULES =
  '+ping +info +time +multi +exec +publish +subscribe +set +get +getex +del +exists +expire +pexpire +pttl +pexpiretime ' +
  '~ttlscope:* &ttlscope:* &__keyevent@0__:*';

test('a user without CONFIG', async () => {
  await withRedis(['--notify-keyspace-events', 'Ex'], async (server, client) => {
    await client.call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>pw', ...RULES.split(' '));
    const user = 'alice:pw@';
    const { message, remedy } = await refusal(play(server, { settings: { hz: 50 }, user, allowConfig }));
    assert.match(message, /CONFIG GET: NOPERM/);
    assert.match(remedy, /hz 50/);
    assert.match(remedy, /ACL SETUSER alice '\+config\|get'/);
    assert.is((await play(server, { user, noConfig })).result.verdict.state, 'valid');
  });
});

test('a user who may read settings and not change them', async () => {
  await withRedis(['--notify-keyspace-events', 'Ex'], async (server, client) => {
    await client.call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>pw', ...RULES.split(' '), '+config|get');
    const user = 'alice:pw@';
    const { message, remedy } = await refusal(play(server, { settings: { hz: 50 }, user, allowConfig }));
    assert.match(message, /does not let its settings be changed \(CONFIG SET: NOPERM/);
    assert.match(remedy, /hz 50/);
    assert.match(remedy, /'\+config\|set'/);
    const { result } = await play(server, { settings: { hz: 50 }, user, noConfig });
    assert.is(result.server.settings['active-expire-effort'], '1');
    const ofSettings = result.verdict.reasons.filter((reason) => reason.startsWith('server.'));
    assert.equal(ofSettings, ['server.hz: "50" was asked for; the server has "10"']);
  });
});

test.run();
