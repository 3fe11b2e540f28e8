import type { Command, CommandKind, HeardEvent } from '../../src/ledger/in-flight.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { OutcomeName } from '../../src/ledger/outcome.ts';

type Message = { event: HeardEvent; row: number } | { fence: number };
type Sent = { command: Command; ttlMs: number } | { fence: number };
type Replied = { command: Command; answer: Command['answer'] } | { fence: number };

interface Key {
  deadlineMs: number;
}

/**
 * A Redis in a few lines, with what makes it hard: commands execute when the server gets to them, replies and events
 * come back on two connections of their own, each in order. It knows the truth that the ledger must find.
 */
export class ModelServer {
  readonly ledger: Ledger;
  /** Ends as they were; what is left at the cut-off is added by `finish`. */
  readonly truth: Record<OutcomeName, number> = {
    expired: 0,
    evicted_early: 0,
    evicted_stale: 0,
    logged_out: 0,
    alive: 0,
    stale: 0,
    lost: 0,
    unknown: 0,
    refused: 0,
  };
  lives = 0;
  nowMs = 10;
  readonly #keys = new Map<number, Key>();
  readonly #created = new Set<number>();
  readonly #lane: Sent[] = [];
  readonly #replies: Replied[] = [];
  readonly #stream: Message[] = [];
  readonly #published = new Map<number, { order: number; atMs: number; replied: boolean }>();
  readonly #tellsNew: boolean;
  #order = 0;
  #fence = 0;
  #lastHeardFenceMs = 0;
  #connected = true;
  #refusing = false;
  #judged = false;

  constructor(sessions: number, tellsNew: boolean) {
    this.ledger = new Ledger(sessions, 2, { tellsNew });
    this.#tellsNew = tellsNew;
  }

  send(kind: CommandKind, row: number, ttlMs: number): void {
    if ((kind === 'create') === this.#created.has(row)) return;
    this.#created.add(row);
    const absolute = kind === 'create' || kind === 'rewrite' || kind === 'getex';
    const command: Command = {
      kind,
      row,
      order: this.#order++,
      sentMs: this.nowMs,
      repliedMs: this.nowMs,
      answer: null,
      deadlineMs: absolute ? this.nowMs + ttlMs : null,
      deadlineErrorMs: 0,
    };
    this.ledger.begin(command, row % 2);
    this.#lane.push({ command, ttlMs });
  }

  fence(): number {
    const fence = ++this.#fence;
    this.#published.set(fence, { order: this.#order++, atMs: this.nowMs, replied: false });
    this.#lane.push({ fence });
    return fence;
  }

  tick(ms: number): void {
    this.nowMs += ms;
  }

  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** The server executes its next command. */
  execute(): void {
    const sent = this.#lane.shift();
    if (!sent) return;
    if ('fence' in sent) {
      this.#published.get(sent.fence)!.atMs = this.nowMs;
      this.#publish(sent);
      this.#replies.push(sent);
      return;
    }
    this.#replies.push({ command: sent.command, answer: this.#run(sent.command, sent.ttlMs) });
  }

  /** The next reply is read. */
  reply(): void {
    const replied = this.#replies.shift();
    if (!replied) return;
    if ('fence' in replied) {
      this.#published.get(replied.fence)!.replied = true;
      return;
    }
    const { command, answer } = replied;
    command.repliedMs = this.nowMs;
    command.answer = answer;
  }

  /** The next message of the subscription is read; at a fence, once its reply has been. */
  hear(): void {
    const message = this.#stream[0];
    if (!message) return;
    if (!('fence' in message)) {
      this.#stream.shift();
      this.ledger.heard(message.row, message.event, this.nowMs);
      return;
    }
    const fence = this.#published.get(message.fence)!;
    if (!fence.replied) return;
    this.#stream.shift();
    const delayMs = this.nowMs - fence.atMs;
    this.#lastHeardFenceMs = fence.atMs;
    this.ledger.bounds = { clockErrorMs: 0, longestDeliveryMs: delayMs, latestDeliveryMs: delayMs };
    this.ledger.fence(fence.order);
  }

  /** The expire cycle comes by. */
  cycle(row: number): void {
    this.#expireIfDue(row);
  }

  evict(row: number): void {
    const key = this.#keys.get(row);
    if (!key) return;
    this.#end(row, this.nowMs > key.deadlineMs ? 'evicted_stale' : 'evicted_early');
    this.#publish({ event: 'evicted', row });
  }

  /** Someone else deletes a key of ours, in silence as far as we listen. */
  foreignDelete(row: number): void {
    if (this.#keys.has(row)) this.#end(row, 'lost');
  }

  /** The subscription is cut: what waits in the server's buffer and what is published until `restore` is gone. */
  cut(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#stream.length = 0;
    this.ledger.gaps.push({ fromMs: this.#lastHeardFenceMs, toMs: Number.POSITIVE_INFINITY });
  }

  restore(): void {
    if (this.#connected) return;
    this.#connected = true;
    this.ledger.gaps.at(-1)!.toMs = this.nowMs;
  }

  /** Answers everything, cuts off, asks for what is left, and adds that to the truth. */
  finish(): void {
    this.restore();
    this.fence();
    this.#drain();
    const cutOffMs = this.nowMs;
    this.ledger.cutOff(cutOffMs);
    for (const { deadlineMs } of this.#keys.values()) this.truth[deadlineMs <= cutOffMs ? 'stale' : 'alive']++;
    this.#judged = true;
    for (const row of this.ledger.withoutEnd()) {
      this.nowMs += 1;
      this.send('ask', row, 0);
    }
    this.fence();
    this.#drain();
  }

  #drain(): void {
    while (this.#lane.length > 0) this.execute();
    while (this.#replies.length > 0) this.reply();
    while (this.#stream.length > 0) this.hear();
  }

  #publish(message: Message): void {
    if (this.#connected) this.#stream.push(message);
  }

  #end(row: number, outcome: OutcomeName): void {
    this.#keys.delete(row);
    if (!this.#judged) this.truth[outcome]++;
  }

  #expireIfDue(row: number): void {
    const key = this.#keys.get(row);
    if (!key || this.nowMs <= key.deadlineMs) return;
    this.#end(row, 'expired');
    this.#publish({ event: 'expired', row });
  }

  #begin(row: number, deadlineMs: number): void {
    this.lives++;
    this.#keys.set(row, { deadlineMs });
    if (this.#tellsNew) this.#publish({ event: 'new', row });
  }

  #run(command: Command, ttlMs: number): Command['answer'] {
    const { kind, row, deadlineMs } = command;
    if (this.#refusing && (kind === 'create' || kind === 'rewrite')) {
      if (kind === 'create') {
        this.lives++;
        this.truth.refused++;
      }
      return 'refused';
    }
    this.#expireIfDue(row);
    const key = this.#keys.get(row);
    if (kind === 'create' || kind === 'rewrite') {
      if (key) key.deadlineMs = deadlineMs!;
      else this.#begin(row, deadlineMs!);
      return 'done';
    }
    if (!key) return 'gone';
    if (kind === 'touch') {
      key.deadlineMs = this.nowMs + ttlMs;
      command.deadlineMs = key.deadlineMs;
    } else if (kind === 'getex') {
      key.deadlineMs = deadlineMs!;
      if (deadlineMs! <= this.nowMs) this.#end(row, 'logged_out');
    } else if (kind === 'logout') {
      this.#end(row, 'logged_out');
    } else if (kind === 'ask') {
      command.deadlineMs = key.deadlineMs;
    }
    return 'done';
  }
}
