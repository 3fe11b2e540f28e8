import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfigFile } from '../../src/doctor/config-file.ts';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import { skipUnless } from '../skip.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-config-'));
const path = join(directory, 'redis.conf');
writeFileSync(path, '# notify-keyspace-events K\nnotify-keyspace-events Ex\nNotify-Keyspace-Events "KEA"\nsave ""\n');
const endpoint: Endpoint = { host: '127.0.0.1', port: 7777, tls: false, db: 0 };

/** A process that has the title of a server, and the user of another. */
const NOBODY = 65_534;
let other: ChildProcess;
const isRoot = process.getuid?.() === 0;
test.before(() => {
  other = spawn('sleep', ['60'], { argv0: 'redis-server 127.0.0.1:7777', ...(isRoot && { uid: NOBODY }) });
});
test.after(() => {
  other.kill();
  rmSync(directory, { recursive: true });
});

const infoOf = (port: number) =>
  new Map([
    ['config_file', path],
    ['process_id', String(other.pid)],
    ['tcp_port', String(port)],
  ]);

test('the last line of a setting counts, comments do not', async () => {
  const file = await readConfigFile(endpoint, infoOf(7777));
  assert.is(file.state, 'read');
  if (file.state !== 'read') return;
  assert.is(file.settings.get('notify-keyspace-events'), 'KEA');
  assert.is(file.settings.get('save'), '');
  assert.is(file.includes, false);
});

test('no file; a process of another port, as that of a container; a server elsewhere', async () => {
  assert.equal(await readConfigFile(endpoint, new Map([['config_file', '']])), { state: 'none' });
  assert.is((await readConfigFile(endpoint, infoOf(777))).state, 'elsewhere');
  assert.is((await readConfigFile({ ...endpoint, host: '192.0.2.1' }, infoOf(7777))).state, 'elsewhere');
});

skipUnless(
  test,
  isRoot,
  'not root',
)('CONFIG REWRITE needs a directory that the user of the server may write in', async () => {
  const isRewritable = async (mode: number) => {
    chmodSync(directory, mode);
    const file = await readConfigFile(endpoint, infoOf(7777));
    return file.state === 'read' ? file.isRewritable : file;
  };
  assert.is(await isRewritable(0o755), false);
  assert.is(await isRewritable(0o775), null);
  assert.is(await isRewritable(0o777), true);
});

test.run();
