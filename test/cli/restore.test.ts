/** `ttlscope restore`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../src/redis/connect.ts';
import { applySettings } from '../../src/redis/settings/apply-settings.ts';
import { abandonJournal } from '../../src/redis/settings/journal.ts';
import { restoreSettings } from '../../src/redis/settings/restore-settings.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';
import { ownStateDirectory } from '../support/state-directory.ts';

const state = ownStateDirectory();

const cli = (...args: string[]) => startCli(args).ended;
const urlOf = ({ endpoint }: TestRedis): string => `redis://127.0.0.1:${endpoint.port}`;

async function withRedis(args: readonly string[], use: (server: TestRedis, client: Redis) => Promise<void>) {
  const server = await startRedis(args);
  try {
    await use(server, server.client());
  } finally {
    await server.stop();
  }
}

async function leftChanged(client: Redis, server: TestRedis, settings: Record<string, string>, password?: string) {
  const endpoint = { ...server.endpoint, ...(password !== undefined && { password }) };
  await abandonJournal(await applySettings(client, endpoint, settings, 'ended'));
}

test('nothing is left changed: says so', async () => {
  const { code, stdout } = await cli('restore');
  assert.equal([code, stdout], [0, 'no run has left settings changed\n']);
});

test('what becomes of each setting is told', async () => {
  await withRedis([], async (server, client) => {
    await leftChanged(client, server, { hz: '700', 'maxmemory-samples': '3', maxmemory: '1gb' });
    await client.config('SET', 'maxmemory-samples', '4');
    await client.config('SET', 'maxmemory', '0');
    const { code, stdout } = await cli('restore');
    assert.is(code, 0);
    const where = `${urlOf(server)}/0: `;
    assert.equal(stdout.split('\n'), [
      `${where}hz put back to "10" (it was "500")`,
      `${where}maxmemory-samples left at "4": somebody else has set it since (the run set "3"; before: "5")`,
      `${where}maxmemory is "0", as before`,
      '',
    ]);
    assert.equal(state.journals(), []);
  });
});

test('a password is asked for, and by --redis the server is found however it was reached', async () => {
  await withRedis(['--requirepass', 'hush'], async (server) => {
    const endpoint = { ...server.endpoint, password: 'hush' };
    const client = await connect(endpoint, { name: 'ttlscope-test' });
    await leftChanged(client, server, { hz: '50' }, 'hush');
    const without = await cli('restore');
    assert.is(without.code, 97);
    assert.match(without.stderr, 'it asks for a password, which is not kept: ttlscope restore --redis URL');
    const withIt = await cli('restore', '--redis', `redis://:hush@localhost:${server.endpoint.port}`);
    assert.is(withIt.code, 0, withIt.stderr);
    assert.not.match(withIt.stdout + withIt.stderr, 'hush');
    assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
    client.disconnect();
  });
});

test('--redis names another server: that one is left alone, and so is the journal', async () => {
  await withRedis([], async (server, client) => {
    await leftChanged(client, server, { hz: '50' });
    await withRedis([], async (other) => {
      assert.match((await cli('restore', '--redis', urlOf(other))).stdout, 'no run has left settings changed');
    });
    assert.equal(state.journals(), ['ended.json']);
    assert.is((await cli('restore', '--redis', urlOf(server))).code, 0);
  });
});

test('a server that cannot be reached: 97, and what to do when it is gone for good', async () => {
  await withRedis([], async (server, client) => {
    await leftChanged(client, server, { hz: '50' });
    await server.stop();
    const { code, stderr } = await cli('restore');
    assert.is(code, 97);
    assert.match(stderr, 'nothing listens there');
    assert.match(stderr, /gone for good, delete .*ended\.json/);
    rmSync(join(state.path, 'ttlscope', 'ended.json'));
  });
});

test('a value that is refused: 97, with the words of the server', async () => {
  await withRedis([], async (server, client) => {
    const journal = await applySettings(client, server.endpoint, { hz: '50' }, 'ended');
    journal.changes[0]!.before = 'nonsense';
    await abandonJournal(journal);
    const { code, stdout } = await cli('restore');
    assert.is(code, 97);
    assert.match(stdout, /hz could not be put back to "nonsense": ERR .*couldn't be parsed/);
    assert.equal(state.journals(), ['ended.json']);
    rmSync(join(state.path, 'ttlscope', 'ended.json'));
  });
});

test('a run that is at work is left alone', async () => {
  await withRedis([], async (server, client) => {
    const journal = await applySettings(client, server.endpoint, { hz: '50' }, 'working');
    const { code, stderr } = await cli('restore');
    assert.is(code, 97);
    assert.match(stderr, `its run (pid ${process.pid}) is at work, and puts them back itself`);
    assert.equal(await client.config('GET', 'hz'), ['hz', '50']);
    await restoreSettings(client, journal);
  });
});

test('a URL that is none: 104', async () => {
  const { code, stderr } = await cli('restore', '--redis', 'http://x');
  assert.is(code, 104);
  assert.match(stderr, 'http:// is not known');
});

test.run();
