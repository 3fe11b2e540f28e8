import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KEY, keyOf, numbered, PAYLOAD, sharedKey } from '../../src/stores/profile.ts';
import { render } from '../../src/stores/render.ts';

const NUMBERS = {
  index: 17,
  user: 3,
  deadline: 1_700_000_060_500,
  formerDeadline: 1_700_000_000_500,
  ttl: 60_000,
  now: 1,
};

test('texts stand as they are, keys begin with the prefix, numbers and the payload are filled in', () => {
  const args = [
    'SET',
    KEY,
    PAYLOAD,
    { ...PAYLOAD, before: '{', behind: '}' },
    keyOf('user-', 'user'),
    sharedKey('all'),
    numbered('expires:', 'index'),
    numbered('', 'deadline', (ms) => Math.ceil(ms / 1000)),
  ];
  assert.equal(render(args, NUMBERS, 'data', 'run:'), [
    'SET',
    'run:s17',
    'data',
    '{data}',
    'run:user-3',
    'run:all',
    'expires:17',
    '1700000061',
  ]);
});

test.run();
