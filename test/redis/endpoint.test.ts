import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EndpointError, parseEndpoint, printEndpoint } from '../../src/redis/endpoint.ts';

const LOCAL = { host: '127.0.0.1', port: 6379, tls: false, db: 0 };

test('host, port, database and TLS come from the URL, the rest is by default', () => {
  assert.equal(parseEndpoint('redis://'), LOCAL);
  assert.equal(parseEndpoint('redis://cache'), { ...LOCAL, host: 'cache' });
  assert.equal(parseEndpoint('redis://cache:7000/3'), { ...LOCAL, host: 'cache', port: 7000, db: 3 });
  assert.equal(parseEndpoint('redis://cache/?db=3'), { ...LOCAL, host: 'cache', db: 3 });
  assert.equal(parseEndpoint('REDISS://cache'), { ...LOCAL, host: 'cache', tls: true });
  assert.equal(parseEndpoint('redis://[::1]:7000/1'), { ...LOCAL, host: '::1', port: 7000, db: 1 });
  assert.equal(parseEndpoint('redis://[fe80::1%25eth0]'), { ...LOCAL, host: 'fe80::1%eth0' });
});

test('a Unix socket has its path, and credentials without a host', () => {
  const unix = { host: '', port: 0, tls: false, db: 0 };
  assert.equal(parseEndpoint('unix:///run/redis.sock'), { ...unix, path: '/run/redis.sock' });
  assert.equal(parseEndpoint('redis+unix:///run/r%20s?db=2'), { ...unix, path: '/run/r s', db: 2 });
  assert.equal(parseEndpoint('unix://:pw@/run/r@1.sock'), { ...unix, path: '/run/r@1.sock', password: 'pw' });
});

test('user and password are percent-decoded; an unencoded @, # or : of a password is taken as it is', () => {
  const read = (url: string) => {
    const { username, password } = parseEndpoint(url);
    return [username, password];
  };
  assert.equal(read('redis://:p%2Fw%25@h'), [undefined, 'p/w%']);
  assert.equal(read('redis://ann:a@b#c:d@h'), ['ann', 'a@b#c:d']);
  assert.equal(read('redis://ann:@h'), ['ann', '']);
  assert.equal(read('redis://h'), [undefined, undefined]);
});

const REFUSED: [url: string, says: RegExp][] = [
  ['cache:6379', /not a URL.*use redis:\/\//],
  ['http://cache', /http:\/\/ is not known/],
  ['redis://cache:70000', /70000 is not a port: 1 to 65535/],
  ['redis://cache:0', /0 is not a port/],
  ['redis://cache/x', /"x" is not a database: 0 to 9999/],
  ['redis://cache/1/2', /"1\/2" is not a database/],
  ['redis://cache/1?db=2', /names the database twice/],
  ['redis://cache?timeout=3', /\?timeout= is not known/],
  ['redis://ann@cache', /user without a password/],
  ['redis://::1', /not a host and a port/],
  ['unix://run/redis.sock', /no host.*begins with a slash/],
  ['unix://', /names no socket/],
];

for (const [url, says] of REFUSED) {
  test(`${url} is refused`, () => {
    assert.throws(
      () => parseEndpoint(url),
      (error: Error) => error instanceof EndpointError && says.test(error.message),
    );
  });
}

test('no password is ever echoed, however malformed the URL', () => {
  const inner = fc.oneof(fc.string({ minLength: 1, maxLength: 12 }), fc.constantFrom('/', '?', '?db='));
  const password = inner.map((text) => text.replaceAll('@', '/')).map((text) => `S3c${text}r3t`);
  const url = fc.constantFrom<(password: string) => string>(
    (pw) => `redis://:${pw}@h:99999`,
    (pw) => `redis://ann:${pw}@h/x`,
    (pw) => `redis://ann:${pw}`,
    (pw) => `redis://:${pw}`,
    (pw) => `redis:/:${pw}@h`,
    (pw) => `http://ann:${pw}@h`,
    (pw) => `unix://:${pw}@h/x`,
    (pw) => `redis://:%zz${pw}@h`,
    (pw) => `:${pw}@h`,
  );
  fc.assert(
    fc.property(password, url, (secret, build) => {
      const text = build(secret);
      let shown: string;
      try {
        shown = printEndpoint(parseEndpoint(text));
      } catch (error) {
        assert.instance(error, EndpointError);
        shown = (error as Error).message;
      }
      const parts = secret.split(/[/?]/).filter((part) => /S3c|r3t/.test(part));
      for (const part of parts) assert.not(shown.includes(part), shown);
    }),
  );
});

test('what is printed is a URL of the same endpoint, without its password', () => {
  const db = fc.nat(9999);
  const credentials = fc.record(
    { username: fc.string({ minLength: 1 }), password: fc.string() },
    { requiredKeys: ['username', 'password'] },
  );
  const tcp = fc.record({
    host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
    port: fc.integer({ min: 1, max: 65535 }),
    tls: fc.boolean(),
    db,
  });
  const path = fc.string({ minLength: 1 });
  const unix = fc.record({ host: fc.constant(''), port: fc.constant(0), tls: fc.constant(false), db, path });
  fc.assert(
    fc.property(fc.oneof(tcp, unix), fc.option(credentials, { nil: {} }), (address, user) => {
      const endpoint = { ...address, ...user, ...('path' in address && { path: `/${address.path}` }) };
      const expected = 'password' in endpoint ? { ...endpoint, password: '***' } : endpoint;
      assert.equal(parseEndpoint(printEndpoint(endpoint)), expected);
    }),
  );
});

test.run();
