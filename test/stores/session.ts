import { encodeCommand, type Reply, ReplyError, ReplyParser } from '../../src/redis/resp.ts';
import { openSocket } from '../../src/redis/socket.ts';
import type {
  Asked,
  Deadline,
  Numbers,
  Operation,
  StoreAnswer,
  StoreKind,
  StoreProfile,
} from '../../src/stores/profile.ts';
import { KEY } from '../../src/stores/profile.ts';
import { render } from '../../src/stores/render.ts';
import type { TestRedis } from '../support/redis.ts';

export const PREFIX = 'ttlscope:test:';
export const PAYLOAD = 'p'.repeat(64);

/** Sends commands together; resolves with their replies. */
export type Send = (commands: readonly (readonly string[])[]) => Promise<Reply[]>;

/** A socket of its own; it is closed with the server. */
export async function sender(server: TestRedis): Promise<Send> {
  const socket = await openSocket(server.endpoint);
  const waiting: ((reply: Reply) => void)[] = [];
  const parser = new ReplyParser((reply) => waiting.shift()!(reply));
  socket.on('data', (chunk: Buffer) => parser.push(chunk));
  socket.resume();
  return (commands) => {
    const replies = commands.map(() => new Promise<Reply>((resolve) => waiting.push(resolve)));
    socket.write(commands.map(encodeCommand).join(''));
    return Promise.all(replies);
  };
}

/** What one command that reads its reply told. */
export interface Told {
  does: StoreKind | undefined;
  answer: StoreAnswer;
  /** Earliest and latest; `null`: none. `undefined`: it sets none. */
  deadline: [number, number] | null | undefined;
}

export class Session {
  readonly #send: Send;
  readonly #profile: StoreProfile;
  numbers: Numbers;

  constructor(send: Send, profile: StoreProfile, index: number, ttlMs: number) {
    this.#send = send;
    this.#profile = profile;
    const now = Date.now();
    this.numbers = { index, user: index + 100, ttl: ttlMs, now, deadline: now + ttlMs, formerDeadline: now + ttlMs };
  }

  get key(): string {
    return this.rendered([KEY])[0]!;
  }

  rendered(args: Parameters<typeof render>[0]): string[] {
    return render(args, this.numbers, PAYLOAD, PREFIX);
  }

  /** The replies of an operation's commands that were sent, and what those that read theirs tell. */
  async do(operation: Operation, ttlMs = this.numbers.ttl): Promise<{ replies: Reply[]; told: Told[] }> {
    const now = Date.now();
    this.numbers = { ...this.numbers, now, ttl: ttlMs, deadline: now + ttlMs };
    const commands = operation.filter(({ onlyIf }) => onlyIf?.(this.numbers) ?? true);
    const replies = await this.#send(commands.map(({ args }) => this.rendered(args)));
    const repliedMs = Date.now();
    const told = commands.flatMap(({ does, reads, deadline }, i): Told[] =>
      reads ? [{ does, answer: reads(replies[i]!), deadline: deadline && this.#span(deadline, repliedMs) }] : [],
    );
    if (told.some(({ deadline }) => deadline))
      this.numbers = { ...this.numbers, formerDeadline: this.numbers.deadline };
    return { replies, told };
  }

  /** The last of what an operation told of the session's deadline, or of its end. */
  async answer(operation: Operation, ttlMs?: number): Promise<StoreAnswer> {
    return (await this.do(operation, ttlMs)).told.at(-1)!.answer;
  }

  async asked(): Promise<Asked> {
    const { args, reads } = this.#profile.ask ?? { args: ['PEXPIRETIME', KEY], reads: expireTime };
    const [reply] = await this.#send([this.rendered(args)]);
    return reads(reply!);
  }

  #span(deadline: Deadline, repliedMs: number): [number, number] | null {
    const { now, ttl, deadline: sent } = this.numbers;
    switch (deadline.kind) {
      case 'sent':
        return [sent, sent];
      case 'relative':
        return [now + deadline.ttlMs(ttl), repliedMs + deadline.ttlMs(ttl)];
      case 'never':
        return null;
      default:
        return deadline satisfies never;
    }
  }
}

export const isError = (reply: Reply): boolean =>
  reply instanceof ReplyError || (Array.isArray(reply) && reply.some(isError));

function expireTime(reply: Reply): Asked {
  if (typeof reply !== 'number') return 'refused';
  return reply === -2 ? 'gone' : reply === -1 ? 'none' : reply;
}
