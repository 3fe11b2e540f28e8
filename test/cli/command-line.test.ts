import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commandLine } from '../../src/commands/command-line.ts';

test('what was typed can be typed again', () => {
  assert.is(commandLine(['run', 'a b.yml', '--set', "x='1'"]), `ttlscope run 'a b.yml' --set 'x='\\''1'\\'''`);
});

test('no password is kept, however it was given', () => {
  const secret = 's3cret';
  for (const args of [
    ['--redis', `redis://user:${secret}@127.0.0.1:6379/1`],
    [`--redis=rediss://:${secret}@localhost`],
    ['--redis', `redis://user:${secret}@bad:port:here`],
    ['--push-gateway', `http://user:${secret}@gateway:9091/base`],
    [`--push-gateway=http://user:${secret}@gateway`],
    ['--push-gateway', `not a url ${secret}`],
  ]) {
    const line = commandLine(['run', 'a.yml', ...args]);
    assert.not.match(line, secret);
    assert.match(line, args[0]!.split('=')[0]!);
  }
});

test.run();
