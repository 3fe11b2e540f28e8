import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { expiresInAll, infoNumber, keyspace, parseInfo } from '../../src/redis/info.ts';

const info = parseInfo(
  [
    '# Server',
    'redis_version:7.0.15',
    'executable:/srv/a:b/redis-server',
    'config_file:',
    '',
    '# Stats',
    'expired_stale_perc:0.75',
    'expired_keys:0',
    'human:1.5M',
    '# Keyspace',
    'db0:keys=12,expires=7,avg_ttl=31415',
    'db3:keys=4,expires=2,avg_ttl=0,subexpiry=2',
    '',
  ].join('\r\n'),
);

test('fields by their names; sections and empty lines are none', () => {
  assert.is(info.get('redis_version'), '7.0.15');
  assert.is(info.get('executable'), '/srv/a:b/redis-server');
  assert.is(info.get('config_file'), '');
  assert.is(info.get('# Server'), undefined);
  assert.is(info.size, 8);
});

test('a number; what is absent, empty or no number is null, never zero', () => {
  assert.is(infoNumber(info, 'expired_stale_perc'), 0.75);
  assert.is(infoNumber(info, 'expired_keys'), 0);
  assert.is(infoNumber(info, 'expired_keys_active'), null);
  assert.is(infoNumber(info, 'config_file'), null);
  assert.is(infoNumber(info, 'human'), null);
});

test('the keys of a database; one without a line has none', () => {
  assert.equal(keyspace(info, 0), { keys: 12, expires: 7 });
  assert.equal(keyspace(info, 3), { keys: 4, expires: 2 });
  assert.equal(keyspace(info, 1), { keys: 0, expires: 0 });
  assert.is(expiresInAll(info), 9);
});

test.run();
