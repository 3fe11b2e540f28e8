/** The options by which a run changes the settings of a server, and the signals that end it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';
import { ownStateDirectory } from '../support/state-directory.ts';

const state = ownStateDirectory();
const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
const scenario = join(directory, 'scenario.yaml');
writeFileSync(scenario, 'duration: 20s\nserver: { hz: 50 }\ncohorts: { idle: { sessions: 10, ttl: 1h } }\n');
test.after(() => rmSync(directory, { recursive: true }));

const cli = (...args: string[]) => startCli(args).ended;

test('one signal: put back; the second leaves at once, and says how to mend it', async () => {
  const server = await startRedis();
  try {
    const client = server.client();
    const url = `redis://127.0.0.1:${server.endpoint.port}`;
    const args = ['run', scenario, '--redis', url, '--allow-config', '--out', join(directory, 'out')];
    const one = startCli([...args, '--server', 'hz=700', '--server', 'active-expire-effort=2']);
    await one.said(/hz "10" → "500", active-expire-effort "1" → "2"/);
    await one.said(/measure/);
    one.child.kill('SIGINT');
    assert.is((await one.ended).code, 105);
    assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
    assert.equal(state.journals(), []);

    const two = startCli(args);
    await two.said(/measure/);
    two.child.kill('SIGINT');
    two.child.kill('SIGTERM');
    const { code, stderr } = await two.ended;
    assert.is(code, 105);
    assert.match(stderr, 'settings that were changed are put back by: ttlscope restore');
    assert.is((await cli('restore')).code, 0);
    assert.equal(await client.config('GET', 'hz'), ['hz', '10']);
  } finally {
    await server.stop();
  }
});

test('--allow-config and --no-config exclude each other', async () => {
  const { code, stderr } = await cli('run', scenario, '--allow-config', '--no-config');
  assert.is(code, 104);
  assert.match(stderr, "'--no-config' cannot be used with option '--allow-config'");
});

test('--server is checked with the scenario, by each command that loads one', async () => {
  const bad: [text: string, message: RegExp][] = [
    ['hz', /--server hz: is not SETTING=VALUE; use hz=100/],
    ['=5', /--server =5: is not SETTING=VALUE/],
    ['dir=/tmp', /--server dir=\/tmp server\.dir: is set by ttlscope itself/],
    ['h*=5', /--server h\*=5 server\.h\*: "h\*" is not a name of a setting/],
  ];
  for (const [text, message] of bad) {
    const commands = text === 'hz' ? ['run', 'validate', 'plan'] : ['validate'];
    for (const { code, stderr } of await Promise.all(
      commands.map((command) => cli(command, scenario, '--server', text)),
    )) {
      assert.is(code, 104);
      assert.match(stderr, message);
    }
  }
});

test.run();
