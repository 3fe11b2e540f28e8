/** A run's settings on a server that is not the run's own. */
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { applySettings } from '../../src/redis/settings/apply-settings.ts';
import { abandonJournal, readJournals } from '../../src/redis/settings/journal.ts';
import { restoreSettings } from '../../src/redis/settings/restore-settings.ts';
import { type Result, resultSchema } from '../../src/result/schema.ts';
import { type RunOptions, run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { refusal } from '../support/refusal.ts';
import { ownStateDirectory } from '../support/state-directory.ts';

const state = ownStateDirectory();
const COHORTS = { idle: { sessions: 50, ttl: '1h' }, due: { arrivals: '50/s', ttl: '100ms' } };

interface Ran {
  result: Result;
  notes: string[];
}

async function play(server: TestRedis, settings: object, options: RunOptions, cohorts: object = COHORTS): Promise<Ran> {
  const scenario = parseScenario({ duration: '400ms', cutoff: '300ms', server: settings, cohorts });
  const notes: string[] = [];
  const url = `redis://127.0.0.1:${server.endpoint.port}`;
  const result = await run(scenario, { redis: url, onNote: (line) => void notes.push(line), ...options });
  assertLaw(result);
  resultSchema.parse(result);
  return { result, notes };
}

async function withRedis(args: readonly string[], use: (server: TestRedis, client: Redis) => Promise<void>) {
  const server = await startRedis(args);
  try {
    await use(server, server.client());
  } finally {
    await server.stop();
  }
}

/** All settings, and that nothing of a run is left. */
async function standOf(client: Redis): Promise<unknown> {
  return [await client.config('GET', '*'), state.journals()];
}

const allowConfig = true;

test('allowed: set, told of in the result, put back', async () => {
  await withRedis([], async (server, client) => {
    const before = await standOf(client);
    const settings = { hz: 700, 'active-expire-effort': 4, maxmemory: '100mb', 'maxmemory-policy': 'volatile-ttl' };
    const { result, notes } = await play(server, settings, { allowConfig });
    assert.equal(await standOf(client), before);
    assert.is(await client.dbsize(), 0);
    const { settings: inForce, changed, effectiveHz } = result.server;
    assert.equal(
      [inForce.hz, effectiveHz, inForce['active-expire-effort'], inForce.maxmemory, inForce['maxmemory-policy']],
      ['500', 500, '4', '104857600', 'volatile-ttl'],
    );
    assert.equal(changed[0], { setting: 'hz', before: '10', asked: '700', now: '500' });
    assert.equal(
      changed.map(({ setting }) => setting),
      [...Object.keys(settings), 'notify-keyspace-events'],
    );
    const said = 'server.hz: "700" was asked for; the server has "500"';
    assert.equal(result.verdict, { state: 'valid', reasons: [said] });
    assert.ok(notes.includes(said));
    assert.ok(notes.some((line) => /hz "10" → "500", .*ttlscope restore/.test(line)));
  });
});

test('not allowed: refused, with the commands that do it, which then suffice', async () => {
  await withRedis(['--notify-keyspace-events', 'Kg'], async (server, client) => {
    const settings = { hz: 50, save: '', 'client-output-buffer-limit': 'pubsub 0 0 0' };
    const before = await standOf(client);
    const { message, remedy } = await refusal(play(server, settings, {}));
    assert.equal(await standOf(client), before);
    assert.match(message, 'the scenario sets hz, client-output-buffer-limit, and');
    assert.match(remedy, '--allow-config');
    for (const [, name, value] of remedy.matchAll(/CONFIG SET (\S+) '?([^'\n]+)/g)) {
      await client.config('SET', name!, value!);
    }
    const { result } = await play(server, settings, {});
    assert.is(result.verdict.state, 'valid');
    assert.equal(result.server.changed, []);
  });
});

test('flags that are missing are set too, beside those that are there', async () => {
  await withRedis(['--notify-keyspace-events', 'Kg'], async (server, client) => {
    assert.match((await refusal(play(server, {}, {}))).remedy, '--allow-config');
    const { result } = await play(server, {}, { allowConfig });
    assert.is(result.cohorts.due!.outcomes.lost, 0);
    const [{ setting, before, now }] = result.server.changed as [Result['server']['changed'][0]];
    assert.equal(
      [setting, [...before].sort(), [...now!].sort()],
      ['notify-keyspace-events', ['K', 'g'], ['E', 'K', 'g', 'x']],
    );
    assert.equal(await client.config('GET', 'notify-keyspace-events'), ['notify-keyspace-events', before]);
  });
});

test('an n that Redis 7.0 hides behind an A is neither asked for nor lost', async () => {
  await withRedis(['--notify-keyspace-events', 'AEn'], async (server) => {
    const activity = { every: '100ms', for: '200ms' };
    const cohorts = { rewritten: { arrivals: '50/s', ttl: '100ms', activity, refresh: 'rewrite' } };
    const { result } = await play(server, { hz: 50 }, { allowConfig }, cohorts);
    assert.equal(
      result.server.changed.map(({ setting }) => setting),
      ['hz'],
    );
  });
});

test('an error once they are set, and a signal: put back', async () => {
  await withRedis([], async (server, client) => {
    const before = await standOf(client);
    const onNote = (line: string): void => {
      if (/put back at the end/.test(line)) throw new Error('of the caller');
    };
    const error = await play(server, { hz: 50 }, { allowConfig, onNote }).catch(({ message }: Error) => message);
    assert.match(String(error), 'of the caller');
    assert.equal(await standOf(client), before);
    const interrupt = new AbortController();
    const { result } = await play(
      server,
      { hz: 50 },
      {
        allowConfig,
        signal: interrupt.signal,
        onProgress: ({ phase }) => phase === 'fill' && interrupt.abort('SIGINT'),
      },
    );
    assert.is(result.verdict.state, 'aborted');
    assert.equal(await standOf(client), before);
  });
});

test('set by somebody else during the run: left so, and the verdict says so', async () => {
  await withRedis([], async (server, client) => {
    let changing: Promise<unknown> | null = null;
    const onProgress = (): void => {
      changing ??= client.config('SET', 'hz', '77');
    };
    const { result } = await play(server, { hz: 50 }, { allowConfig, onProgress });
    await changing;
    assert.match(result.verdict.reasons.join(), 'hz was set to "77" by somebody else during the run, and is left so');
    assert.equal(await client.config('GET', 'hz'), ['hz', '77']);
    assert.equal(state.journals(), []);
  });
});

test('what could destroy the keys of somebody else is refused, before anything is changed', async () => {
  await withRedis(['--maxmemory', '50mb', '--maxmemory-policy', 'volatile-lru'], async (server, client) => {
    const dangerous: [setting: string, value: string, why: RegExp][] = [
      ['maxmemory', '49mb', /holds 1 key of somebody else, which a lower limit could evict/],
      ['maxmemory', 'nonsense', /a lower limit/],
      ['maxmemory-policy', 'allkeys-lru', /another policy could evict/],
      ['maxmemory-policy', 'volatile-ttl', /another policy could evict/],
      ['maxmemory-policy', 'noeviction', /whose writes it could refuse/],
      ['appendonly', 'yes', /a crash in the run could then lose/],
      ['save', '900 1', /a crash in the run could then lose/],
      ['masterauth', 'x', /lock somebody out/],
      ['min-replicas-to-write', '3', /lock somebody out/],
    ];
    await client.select(3);
    await client.set('of-somebody', '1');
    const before = await standOf(client);
    for (const [setting, value, why] of dangerous) {
      const { message } = await refusal(play(server, { hz: 50, [setting]: value }, { allowConfig }));
      assert.match(message, why);
      assert.match(message, `server.${setting}: "${value}"`);
    }
    assert.equal(await standOf(client), before);
    const harmless = { maxmemory: '60mb', 'maxmemory-policy': 'volatile-lru', 'maxmemory-samples': 3 };
    const { result } = await play(server, harmless, { allowConfig });
    assert.equal(
      result.server.changed.map(({ setting }) => setting),
      ['maxmemory', 'maxmemory-samples', 'notify-keyspace-events'],
    );
    assert.equal(await standOf(client), before);
  });
});

test('a run that ended without putting them back: the next one says so, and changes nothing more', async () => {
  await withRedis(['--notify-keyspace-events', 'Ex'], async (server, client) => {
    const journal = await applySettings(client, server.endpoint, { hz: '50' }, 'killed');
    await abandonJournal(journal);
    const { message, remedy } = await refusal(play(server, { hz: 60 }, { allowConfig }));
    assert.match(message, 'its settings are still those of a run that ended without putting them back');
    assert.match(remedy, 'ttlscope restore');
    const { result, notes } = await play(server, {}, {});
    for (const told of [notes, result.verdict.reasons]) {
      assert.match(told.join(), /left settings of this server changed: hz; put them back: ttlscope restore/);
    }
    await restoreSettings(client, journal);
  });
});

test('CONFIG is taken from the user during the run: the journal is kept, and the result says how to mend it', async () => {
  await withRedis([], async (server, client) => {
    let revoking: Promise<unknown> | null = null;
    const onProgress = (): void => {
      revoking ??= client.call('ACL', 'SETUSER', 'default', '-config');
    };
    const { result } = await play(server, { hz: 50 }, { allowConfig, onProgress });
    await revoking;
    assert.match(result.verdict.reasons.join(), /could not be put back: NOPERM .*ttlscope restore/);
    await client.call('ACL', 'SETUSER', 'default', '+@all');
    const [journal] = (await readJournals()).journals;
    await restoreSettings(client, journal!);
    assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
    assert.equal(state.journals(), []);
  });
});

test('an embedded server has them from its start: one that it takes otherwise is told of', async () => {
  const scenario = parseScenario({ duration: '300ms', server: { hz: 700, databases: 3 }, cohorts: COHORTS });
  const { server, verdict } = await run(scenario);
  assert.equal([server.settings.hz, server.settings.databases, server.changed], ['500', '3', []]);
  const ofSettings = verdict.reasons.filter((reason) => reason.startsWith('server.'));
  assert.equal(ofSettings, ['server.hz: "700" was asked for; the server has "500"']);
});

test.run();
