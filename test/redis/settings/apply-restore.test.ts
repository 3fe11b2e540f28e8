import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Endpoint } from '../../../src/redis/endpoint.ts';
import { ServerUnusable } from '../../../src/redis/server-unusable.ts';
import { applySettings } from '../../../src/redis/settings/apply-settings.ts';
import { type Journal, journalPath, readJournals } from '../../../src/redis/settings/journal.ts';
import { restoreSettings } from '../../../src/redis/settings/restore-settings.ts';
import { freePort, startRedis } from '../../support/redis.ts';
import { ownStateDirectory } from '../../support/state-directory.ts';

const state = ownStateDirectory();

async function withRedis(
  use: (client: Redis, endpoint: Endpoint, restart: () => Promise<Redis>) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  const port = await freePort();
  let server = await startRedis(args, port);
  try {
    await use(server.client(), server.endpoint, async () => {
      await server.stop();
      server = await startRedis(args, port);
      return server.client();
    });
  } finally {
    await server.stop();
  }
}

async function configOf(client: Redis): Promise<unknown> {
  return await client.config('GET', '*');
}

async function refusal(applying: Promise<unknown>): Promise<ServerUnusable> {
  const error = await applying.then(
    () => null,
    (error: unknown) => error,
  );
  assert.instance(error, ServerUnusable);
  return error as ServerUnusable;
}

const ASKED = { hz: '700', maxmemory: '100mb', 'notify-keyspace-events': 'Exe', save: '900 1' };

test('set, read back, put back: the whole CONFIG is as it was', async () => {
  await withRedis(async (client, endpoint) => {
    const before = await configOf(client);
    const journal = await applySettings(client, endpoint, ASKED, 'a');
    assert.equal(journal.changes, [
      { setting: 'hz', before: '10', asked: '700', now: '500' },
      { setting: 'maxmemory', before: '0', asked: '100mb', now: '104857600' },
      { setting: 'notify-keyspace-events', before: '', asked: 'Exe', now: 'xeE' },
      { setting: 'save', before: '', asked: '900 1', now: '900 1' },
    ]);
    assert.equal(JSON.parse(readFileSync(journalPath(journal), 'utf8')), journal);
    const restored = await restoreSettings(client, journal);
    assert.equal(
      restored.map(({ setting, fate }) => [setting, fate]),
      Object.keys(ASKED).map((setting) => [setting, 'put back']),
    );
    assert.equal(await configOf(client), before);
    assert.equal(state.journals(), []);
  });
});

test('before the first change the values of all are in the file', async () => {
  await withRedis(async (client, endpoint) => {
    const kept: unknown[] = [];
    const config = client.config.bind(client) as (...args: string[]) => Promise<unknown>;
    client.config = (async (...args: string[]) => {
      if (args[0] === 'SET') kept.push((await readJournals()).journals[0]!.changes.map(({ before }) => before));
      return await config(...args);
    }) as typeof client.config;
    await restoreSettings(client, await applySettings(client, endpoint, { hz: '20', maxmemory: '1gb' }, 'a'));
    assert.equal(kept[0], ['10', '0']);
  });
});

test('the password is not in the file', async () => {
  await withRedis(async (client, endpoint) => {
    const journal = await applySettings(client, { ...endpoint, username: 'default', password: 'hush' }, ASKED, 'a');
    assert.not.match(readFileSync(journalPath(journal), 'utf8'), 'hush');
    assert.is(journal.server.hasPassword, true);
    await restoreSettings(client, journal);
  });
});

test('what the server refuses is told in its words, and what was set before it is put back', async () => {
  await withRedis(async (client, endpoint) => {
    const before = await configOf(client);
    const cases: [asked: Record<string, string>, message: RegExp, remedy: RegExp][] = [
      [
        { hz: '50', 'active-expire-effort': '11' },
        /server\.active-expire-effort: .*"11": .*between 1 and 10/,
        /--server/,
      ],
      [{ hz: '50', 'no-such': '1' }, /server\.no-such: .*no setting of that name/, /name/],
      [{ hz: '50', databases: '3' }, /server\.databases: .*can't set immutable config/, /redis\.conf/],
    ];
    for (const [asked, message, remedy] of cases) {
      const error = await refusal(applySettings(client, endpoint, asked, 'a'));
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
      assert.equal(await configOf(client), before);
      assert.equal(state.journals(), []);
    }
  });
});

test('the connection is lost between two changes: says how to mend it, and that does', async () => {
  await withRedis(async (client, endpoint) => {
    const lost = client.duplicate();
    const config = lost.config.bind(lost) as (...args: string[]) => Promise<unknown>;
    lost.config = (async (...args: string[]) => {
      if (args[0] === 'SET' && args[1] === 'maxmemory') lost.disconnect();
      return await config(...args);
    }) as typeof lost.config;
    const { message, remedy } = await refusal(applySettings(lost, endpoint, { hz: '50', maxmemory: '1gb' }, 'a'));
    assert.match(message, 'its settings could not be put back');
    assert.match(remedy, 'ttlscope restore');
    assert.equal(await client.config('GET', 'hz'), ['hz', '50']);
    const [journal] = (await readJournals()).journals;
    await restoreSettings(client, journal!);
    assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
  });
});

test('what somebody else has set meanwhile is left alone', async () => {
  await withRedis(async (client, endpoint) => {
    const journal = await applySettings(client, endpoint, { hz: '50', 'maxmemory-samples': '3' }, 'a');
    await client.config('SET', 'hz', '77');
    const [hz, samples] = await restoreSettings(client, journal);
    assert.equal([hz!.fate, hz!.found, samples!.fate], ['changed by others', '77', 'put back']);
    assert.equal(await client.config('GET', 'hz'), ['hz', '77']);
    assert.equal(state.journals(), []);
  });
});

test('killed between a change and its reading back: taken for ours when it is what was asked for', async () => {
  await withRedis(async (client, endpoint) => {
    const journal = await applySettings(
      client,
      endpoint,
      { hz: '700', maxmemory: '100mb', 'maxmemory-samples': '3' },
      'a',
    );
    for (const change of journal.changes) change.now = null;
    await client.config('SET', 'maxmemory-samples', '4');
    const restored = await restoreSettings(client, journal);
    assert.equal(
      restored.map(({ fate }) => fate),
      ['put back', 'put back', 'changed by others'],
    );
    assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
  });
});

test('the server was restarted: what it has now is of its file, and is left alone', async () => {
  await withRedis(
    async (client, endpoint, restart) => {
      const journal = await applySettings(client, endpoint, { hz: '20', maxmemory: '1gb' }, 'a');
      const restarted = await restart();
      journal.changes[0]!.before = '10'; // as if somebody had written hz 20 into the file since
      await restarted.config('SET', 'hz', '20');
      const restored = await restoreSettings(restarted, journal);
      assert.equal(
        restored.map(({ fate }) => fate),
        ['kept over a restart', 'as before'],
      );
      assert.equal(await restarted.config('GET', 'hz'), ['hz', '20']);
    },
    ['--hz', '15'],
  );
});

test('another server answers there: it is left alone, and the journal is kept', async () => {
  await withRedis(async (client, endpoint) => {
    const journal = await applySettings(client, endpoint, { hz: '50' }, 'a');
    await withRedis(async (other) => {
      await other.config('SET', 'hz', '50');
      // As if it had been up when the journal was begun.
      const moved = { ...journal, server: { ...journal.server, atMs: journal.server.atMs! + 60_000 } };
      await refusal(restoreSettings(other, moved));
      assert.equal(await other.config('GET', 'hz'), ['hz', '50']);
    });
    assert.equal(state.journals(), ['a.json']);
    await restoreSettings(client, journal);
  });
});

test('a value of before that the server does not take: told, and the journal is kept, for no run that is at work', async () => {
  await withRedis(async (client, endpoint) => {
    const journal = await applySettings(client, endpoint, { hz: '50' }, 'a');
    journal.changes[0]!.before = 'nonsense';
    const [hz] = await restoreSettings(client, journal);
    assert.is(hz!.fate, 'refused');
    assert.match(hz!.reason!, /couldn't be parsed/);
    const { journals } = await readJournals();
    assert.is(journals[0]!.harness, null);
    const { message, remedy } = await refusal(applySettings(client, endpoint, { hz: '60' }, 'b'));
    assert.match(message, 'ended without putting them back');
    assert.match(remedy, 'ttlscope restore');
    journals[0]!.changes[0]!.before = '10';
    await restoreSettings(client, journals[0]!);
    assert.equal(state.journals(), []);
  });
});

test('two runs on one server, however it is reached: the second is refused', async () => {
  await withRedis(async (client, endpoint) => {
    const first = await applySettings(client, endpoint, { hz: '50' }, 'first');
    const { message } = await refusal(
      applySettings(client, { ...endpoint, host: 'localhost' }, { hz: '60' }, 'second'),
    );
    assert.match(message, `another run (pid ${process.pid}) has changed its settings`);
    assert.equal(state.journals(), ['first.json']);
    await restoreSettings(client, first);
  });
});

test('of runs that begin at once no two go on', async () => {
  await withRedis(async (client, endpoint) => {
    const names = ['a', 'b', 'c', 'd'];
    const applying = names.map((name) => applySettings(client, endpoint, { hz: '50' }, name));
    const settled = await Promise.allSettled(applying);
    const journals = settled.flatMap((outcome): Journal[] => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    assert.ok(journals.length <= 1, `${journals.length} went on`);
    for (const journal of journals) await restoreSettings(client, journal);
    assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
    assert.equal(state.journals(), []);
  });
});

test('the journal cannot be written: nothing is changed', async () => {
  await withRedis(async (client, endpoint) => {
    const home = process.env.XDG_STATE_HOME;
    writeFileSync(join(state.path, 'file'), '');
    process.env.XDG_STATE_HOME = join(state.path, 'file');
    try {
      const { message, remedy } = await refusal(applySettings(client, endpoint, { hz: '50' }, 'a'));
      assert.match(message, /cannot be written: ENOTDIR/);
      assert.match(remedy, 'XDG_STATE_HOME');
      assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
    } finally {
      process.env.XDG_STATE_HOME = home;
    }
  });
});

test('a file that is no journal is told of', async () => {
  mkdirSync(join(state.path, 'ttlscope'), { recursive: true });
  writeFileSync(join(state.path, 'ttlscope', 'x.json'), '{"schema":"other"}');
  writeFileSync(join(state.path, 'ttlscope', 'y.json'), 'half');
  const { journals, unreadable } = await readJournals();
  assert.equal(journals, []);
  assert.is(unreadable.length, 2);
  assert.match(unreadable[0]!, /x\.json: is no journal/);
});

test.run();
