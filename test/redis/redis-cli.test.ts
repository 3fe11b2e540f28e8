import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { parseEndpoint } from '../../src/redis/endpoint.ts';
import { printAdminCli, printRedisCli } from '../../src/redis/redis-cli.ts';

/** What a shell makes of a line. */
function words(line: string): string[] {
  const printed = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
  return printed.trimEnd().split('\n');
}

test('host and port, TLS, a user, a database; never the password', () => {
  const line = printRedisCli(parseEndpoint('rediss://alice:s3cret@redis.example:7000/2'));
  assert.is(line, 'redis-cli -h redis.example -p 7000 --tls --user alice --askpass -n 2');
  assert.is(printRedisCli(parseEndpoint('redis://:s3cret@[::1]')), 'redis-cli -h ::1 -p 6379 --askpass');
});

test('a Unix socket', () => {
  assert.is(printRedisCli(parseEndpoint('unix:///run/redis.sock?db=1')), 'redis-cli -s /run/redis.sock -n 1');
});

test('an administrator is somebody else than the user of the endpoint', () => {
  const line = printAdminCli(parseEndpoint('redis://alice:s3cret@localhost:6379'), ['ACL', 'LIST']);
  assert.is(line, 'redis-cli -h localhost -p 6379 ACL LIST');
});

test('a shell reads each word as it is meant', () => {
  const command = ['ACL', 'SETUSER', "o'neil & co", '+config|get', '~ttlscope:*', '&ttlscope:*', 'g$xE', '', '>a b'];
  const endpoint = parseEndpoint('unix:///tmp/my%20redis/$HOME.sock');
  assert.equal(words(printRedisCli(endpoint, command)), ['redis-cli', '-s', '/tmp/my redis/$HOME.sock', ...command]);
});

test.run();
