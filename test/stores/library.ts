import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import * as assert from 'uvu/assert';
import type { Arg, Numbers, Operation } from '../../src/stores/profile.ts';
import { render } from '../../src/stores/render.ts';
import type { TestRedis } from '../support/redis.ts';

/** What clients send when they connect, and the marks below. */
const HANDSHAKE = ['HELLO', 'CLIENT', 'INFO', 'SELECT', 'COMMAND', 'ECHO'];
const PAYLOAD = '(payload)';
const SLACK_SECONDS = 1;

/** Takes the commands that a library sends from MONITOR. */
export class Recorder {
  readonly #client: Redis;
  readonly #monitor: Redis;
  #heard: string[][] = [];
  #mark = 0;

  private constructor(client: Redis, monitor: Redis) {
    this.#client = client;
    this.#monitor = monitor;
    monitor.on('monitor', (_time: string, args: string[]) => this.#heard.push(args));
  }

  static async of(server: TestRedis): Promise<Recorder> {
    const client = server.client();
    const monitor = await client.monitor();
    return new Recorder(client, monitor);
  }

  /** The commands sent while `act` ran, their names in capitals. */
  async record(act: () => Promise<unknown>): Promise<string[][]> {
    await this.#untilHeard();
    this.#heard = [];
    await act();
    await this.#untilHeard();
    return this.#heard
      .map(([name, ...args]) => [name!.toUpperCase(), ...args])
      .filter(([name]) => !HANDSHAKE.includes(name!));
  }

  close(): void {
    this.#monitor.disconnect();
  }

  async #untilHeard(): Promise<void> {
    const mark = `mark ${this.#mark++}`;
    const heard = new Promise<void>((resolve) => {
      const listen = (_time: string, [, arg]: string[]): void => {
        if (arg !== mark) return;
        this.#monitor.off('monitor', listen);
        resolve();
      };
      this.#monitor.on('monitor', listen);
    });
    await this.#client.echo(mark);
    await heard;
  }
}

/**
 * Fails unless the commands are the operation's: the same names, arguments and TTLs. A TTL in seconds may differ by one,
 * where `slack` says that the library computes it from the clock.
 *
 * @param keys the library's name of a key, and the profile's without a prefix
 */
export function assertSends(
  heard: readonly string[][],
  operation: Operation,
  numbers: Numbers,
  keys: ReadonlyMap<string, string>,
  { slack = false } = {},
): void {
  const sent = operation.filter(({ onlyIf }) => onlyIf?.(numbers) ?? true);
  const expected = sent.map(({ args }) => render(args, numbers, PAYLOAD, ''));
  const renamed = heard.map((args, i) =>
    args.map((arg, j) => {
      const asSpecified = sent[i]?.args[j];
      if (asSpecified === undefined) return arg;
      if (isPayload(asSpecified)) return arg === '' ? arg : PAYLOAD;
      const close = slack && isTtl(asSpecified) && Math.abs(Number(arg) - Number(expected[i]![j])) <= SLACK_SECONDS;
      return close ? expected[i]![j]! : (keys.get(arg) ?? arg);
    }),
  );
  assert.equal(renamed, expected);
}

const isPayload = (arg: Arg): boolean => typeof arg === 'object' && 'payload' in arg;
const isTtl = (arg: Arg): boolean => typeof arg === 'object' && 'number' in arg && arg.number === 'ttl';

/** Numbers of session 0 of user 0. */
export function numbersOf(ttlMs: number): Numbers {
  const now = Date.now();
  return { index: 0, user: 0, ttl: ttlMs, now, deadline: now + ttlMs, formerDeadline: now + ttlMs };
}

/** A visitor with cookies. */
export class Visitor {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** The body of the answer. */
  async get(path: string): Promise<string> {
    const response = await fetch(this.#origin + path, { headers: { cookie: this.cookie } });
    assert.is(response.status, 200, path);
    this.keep(response.headers);
    return await response.text();
  }

  keep(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split('=', 2) as [string, string];
      this.#cookies.set(name, value);
    }
  }
}

/** Serves on a free port of the loopback interface while `use` runs. */
export async function serve(listener: http.RequestListener, use: (origin: string) => Promise<void>): Promise<void> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
