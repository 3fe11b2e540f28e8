import { once } from 'node:events';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import { encodeCommand, type Reply, ReplyError, ReplyParser } from '../../src/redis/resp.ts';
import { openSocket } from '../../src/redis/socket.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';

const PASSWORD = 'tr0ub4dor&3';
let server: TestRedis;

test.before(async () => {
  server = await startRedis();
  const admin = server.client();
  await admin.acl('SETUSER', 'ann', 'on', `>${PASSWORD}`, '~*', '+@all');
  await admin.acl('SETUSER', 'meek', 'on', `>${PASSWORD}`, '~*', '-@all', '+get');
});
test.after(() => server.stop());

/** Sends a command on an open socket and waits for its reply. */
async function ask(socket: net.Socket, ...args: string[]): Promise<Reply> {
  return new Promise((resolve) => {
    const parser = new ReplyParser(resolve);
    socket.on('data', (chunk: Buffer) => parser.push(chunk)).resume();
    socket.write(encodeCommand(args));
  });
}

async function answer(endpoint: Endpoint, ...args: string[]): Promise<Reply> {
  const socket = await openSocket(endpoint, { clientName: 'probe' });
  try {
    return await ask(socket, ...args);
  } finally {
    socket.destroy();
  }
}

async function failure(opening: Promise<net.Socket>): Promise<Error> {
  return opening.then(
    (socket) => {
      socket.destroy();
      throw new Error('it opened');
    },
    (error: Error) => error,
  );
}

test('the database is selected and the connection named', async () => {
  const info = String(await answer({ ...server.endpoint, db: 3 }, 'CLIENT', 'INFO'));
  assert.match(info, / db=3 /);
  assert.match(info, / name=probe /);
});

test('a user is authenticated, by TCP and by Unix socket', async () => {
  const user = { ...server.endpoint, username: 'ann', password: PASSWORD };
  assert.is(String(await answer(user, 'ACL', 'WHOAMI')), 'ann');
  assert.is(String(await answer({ ...user, path: server.path }, 'ACL', 'WHOAMI')), 'ann');
});

test('a user who may neither PING nor name the connection is let through', async () => {
  const reply = await answer({ ...server.endpoint, username: 'meek', password: PASSWORD }, 'GET', 'k');
  assert.is(reply, null);
});

test('a command is measured in bytes: text of more than one byte a character comes back', async () => {
  assert.is(String(await answer(server.endpoint, 'ECHO', 'ключ 🔑')), 'ключ 🔑');
});

test("the server's refusal is a ReplyError without the password", async () => {
  const error = await failure(openSocket({ ...server.endpoint, username: 'ann', password: `not-${PASSWORD}` }));
  assert.instance(error, ReplyError);
  assert.is((error as ReplyError).code, 'WRONGPASS');
  assert.not.match(error.message, PASSWORD);
  const db = await failure(openSocket({ ...server.endpoint, db: 99 }));
  assert.match(db.message, 'DB index is out of range');
});

/** Runs `body` with the port of a server that treats each connection with `serve`. */
async function withServer(serve: (socket: net.Socket) => void, body: (endpoint: Endpoint) => Promise<void>) {
  const sockets: net.Socket[] = [];
  const fake = net.createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    serve(socket);
  });
  await once(fake.listen(0, '127.0.0.1'), 'listening');
  try {
    await body({ host: '127.0.0.1', port: (fake.address() as net.AddressInfo).port, tls: false, db: 0 });
  } finally {
    for (const socket of sockets) socket.destroy();
    fake.close();
  }
}

test('a server that repeats what it does not understand gives no password away', async () => {
  const echo = (socket: net.Socket) =>
    socket.on('data', () => socket.write(`-ERR unknown command 'AUTH', with args beginning with: '${PASSWORD}'\r\n`));
  await withServer(echo, async (endpoint) => {
    const error = await failure(openSocket({ ...endpoint, password: PASSWORD }));
    assert.match(error.message, 'unknown command');
    assert.not(error.message.includes(PASSWORD));
  });
});

test('what is no Redis, or closes, or is silent, is told from each other', async () => {
  await withServer(
    (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    async (endpoint) => assert.match((await failure(openSocket(endpoint))).message, 'not RESP2'),
  );
  await withServer(
    (socket) => socket.end(),
    async (endpoint) => assert.match((await failure(openSocket(endpoint))).message, 'closed the connection'),
  );
  await withServer(
    () => {},
    async (endpoint) => {
      assert.match((await failure(openSocket(endpoint, { connectTimeoutMs: 20 }))).message, 'no answer within 0.02 s');
    },
  );
  const refused = await failure(openSocket({ ...server.endpoint, port: await freePort() }));
  assert.is((refused as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

test('an abort ends the attempt, before and while it is made', async () => {
  const reason = new Error('enough');
  assert.is(await failure(openSocket(server.endpoint, { signal: AbortSignal.abort(reason) })), reason);
  await withServer(
    () => {},
    async (endpoint) => {
      const abort = new AbortController();
      const opening = failure(openSocket(endpoint, { signal: abort.signal }));
      abort.abort(reason);
      assert.is(await opening, reason);
    },
  );
});

test('no listener is left, and what comes before the first listener is not lost', async () => {
  const bare = net.connect(server.endpoint.port, '127.0.0.1');
  await once(bare, 'connect');
  const socket = await openSocket(server.endpoint);
  for (const event of ['data', 'error', 'end', 'close', 'connect']) {
    assert.is(socket.listenerCount(event), bare.listenerCount(event), event);
  }
  bare.destroy();
  socket.write(encodeCommand(['ECHO', 'kept']));
  await answer(server.endpoint, 'PING');
  const [chunk] = await Promise.all([once(socket, 'data'), socket.resume()]);
  assert.is(String(chunk), '$4\r\nkept\r\n');
  socket.destroy();
});

test('reads go into the memory that is given, each told once, and the greeting is not among them', async () => {
  const blocks = [Buffer.alloc(8), Buffer.alloc(8)];
  let current = 0;
  let heard = '';
  let told = () => {};
  const socket = await openSocket(server.endpoint, {
    reads: {
      buffer: () => blocks[current]!,
      onRead: (size) => {
        heard += blocks[current]!.toString('latin1', 0, size);
        blocks[current]!.fill(0);
        current = 1 - current;
        told();
      },
    },
  });
  socket.write(encodeCommand(['ECHO', 'longer than one block of memory']));
  const whole = '$31\r\nlonger than one block of memory\r\n';
  while (heard.length < whole.length) {
    await new Promise<void>((resolve) => {
      told = resolve;
    });
  }
  assert.is(heard, whole);
  socket.destroy();
});

test.run();
