import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startRedis } from '../support/redis.ts';
import { cli, directory, out, path } from './short.ts';

test('a bad scenario or bad arguments: 104, with the place', async () => {
  const bad = join(directory, 'bad.yml');
  writeFileSync(bad, 'duration: 1s\ncohorts:\n  a: { sessions: 5, ttl: soon }\n');
  const wrong = await cli('run', bad);
  assert.is(wrong.code, 104);
  assert.match(wrong.stderr, /bad\.yml:3:26 cohorts\.a\.ttl: "soon" is not a duration/);
  assert.is((await cli('run')).code, 104);
  assert.is((await cli('run', path, '--seed', 'x')).code, 104);
  assert.is((await cli('run', path, '--redis', 'http://x')).code, 104);
  assert.is((await cli('run', path, '--redis', 'redis://x', '--redis-server', 'y')).code, 104);
  assert.is((await cli('validate', path, bad)).code, 104);
  assert.is((await cli('validate', path)).code, 0);
  assert.is((await cli('--help')).code, 0);
});

test('an --out that cannot be written: 104, before a server is started', async () => {
  const { code, stderr } = await cli('run', path, '--out', join(path, 'out'));
  assert.is(code, 104);
  assert.ok(stderr.includes(join(path, 'out')), stderr);
  assert.not.match(stderr, /embedded/);
});

test('a server that cannot be used: 97, the cause and the remedy, no password', async () => {
  const nobody = await cli('run', path, '--redis', 'redis://127.0.0.1:1', '--quiet', '--out', out('none'));
  assert.is(nobody.code, 97);
  assert.match(nobody.stderr, /127\.0\.0\.1:1/);
  const server = await startRedis(['--requirepass', 'right']);
  try {
    const url = `127.0.0.1:${server.endpoint.port}`;
    const wrong = await cli('run', path, '--redis', `redis://:s3cret@${url}`, '--quiet', '--out', out('wrong'));
    assert.is(wrong.code, 97);
    assert.match(wrong.stderr, /password/);
    assert.not.match(wrong.stderr + wrong.stdout, /s3cret|\n\s+at /);
    const flags = await cli('run', path, '--redis', `redis://:right@${url}`, '--quiet', '--out', out('flags'));
    assert.is(flags.code, 97);
    assert.match(flags.stderr, /redis-cli .*CONFIG SET notify-keyspace-events \S*E/);
    assert.not.match(flags.stderr, /right/);
    assert.is(await server.client({ password: 'right' }).dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test.run();
