import {
  type Answer,
  type CommandKind,
  type HeardEvent,
  NONE,
  type Sent as SentCommand,
} from '../../src/ledger/in-flight.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { OutcomeName } from '../../src/ledger/outcome.ts';
import { NEVER_MS } from '../../src/ledger/rows.ts';
import type { ServerRules } from '../../src/ledger/server-rules.ts';

type Message = { event: HeardEvent; row: number } | { fence: number };
type Command = SentCommand & { handle: number };
type Sent = { command: Command; ttlMs: number } | { fence: number };
type Replied = { command: Command; answer: Answer } | { fence: number };

/** A life as it was. */
export interface TrueLife {
  readonly row: number;
  outcome: OutcomeName | null;
  /** The deadline in force at its end; `null` where someone else has taken it away. */
  deadlineMs: number | null;
  cause: 'cycle' | 'command';
  endedMs: number;
}

/** What kind of server it is. */
export interface Engine extends ServerRules {
  /** By how much the harness's reckoning of the server's clock is off, ms. */
  skewMs: number;
  /** Whether a deadline already past fires an `expired` (Valkey 8.1) and not just a `del`, which we do not hear. */
  pastFires: boolean;
}

export const REDIS_7: Engine = { skewMs: 0, tellsNew: true, dropsPast: false, pastFires: false, leastLagMs: 1 };

/** A key that is made with this TTL gets none. */
export const LASTING_TTL_MS = 40;

/** What each thing that happens takes: no two happen at once. */
/** Longer than what is played. */
const LENGTH_MS = 100_000;
const STEP_MS = 0.01;

/**
 * A Redis in a few lines, with what makes it hard: commands execute when the server gets to them, replies and events
 * come back on two connections of their own, each in order, and either can be cut. It knows the truth that the ledger
 * must find.
 */
export class ModelServer {
  readonly ledger: Ledger;
  readonly lives: TrueLife[] = [];
  nowMs = 10;
  readonly #keys = new Map<number, TrueLife>();
  readonly #created = new Set<number>();
  readonly #lane: Sent[] = [];
  readonly #replies: Replied[] = [];
  readonly #stream: Message[] = [];
  readonly #published = new Map<number, { order: number; atMs: number; replied: boolean }>();
  readonly #engine: Engine;
  #order = 0;
  #fence = 0;
  #lastHeardFenceMs = 0;
  #connected = true;
  #refusing = false;
  #executing = false;
  #judged = false;

  constructor(sessions: number, engine: Engine) {
    this.ledger = new Ledger(sessions, 2, engine, LENGTH_MS);
    this.#engine = engine;
  }

  send(kind: CommandKind, row: number, ttlMs: number): void {
    if ((kind === 'create') === this.#created.has(row)) return;
    this.#created.add(row);
    const absolute = kind === 'create' || kind === 'rewrite' || kind === 'getex';
    const isLasting = ttlMs === LASTING_TTL_MS && (kind === 'create' || kind === 'rewrite');
    const sent = {
      kind,
      row,
      order: this.#order++,
      sentMs: this.#reckon(),
      deadlineMs: isLasting ? NEVER_MS : absolute ? Math.round(this.#reckon() + ttlMs) : NONE,
      ttlMs: kind === 'touch' ? ttlMs : NONE,
    };
    const handle = this.ledger.begin(sent, row % 2);
    this.#lane.push({ command: { ...sent, handle }, ttlMs });
  }

  fence(): number {
    const fence = ++this.#fence;
    this.#published.set(fence, { order: this.#order++, atMs: this.#step(), replied: false });
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
    this.#step();
    if ('fence' in sent) {
      this.#published.get(sent.fence)!.atMs = this.nowMs;
      this.#publish(sent);
      this.#replies.push(sent);
      return;
    }
    this.#executing = true;
    this.#replies.push({ command: sent.command, answer: this.#run(sent.command, sent.ttlMs) });
    this.#executing = false;
  }

  /** The next reply is read. */
  reply(): void {
    const replied = this.#replies.shift();
    if (!replied) return;
    if ('fence' in replied) this.#published.get(replied.fence)!.replied = true;
    else this.#answer(replied.command, replied.answer);
  }

  /** The connection of the commands is lost and made anew: none of what was sent is answered, and not all executed. */
  cutLane(executed: number): void {
    for (let i = 0; i < executed; i++) this.execute();
    for (const sent of [...this.#replies.splice(0), ...this.#lane.splice(0)]) {
      if ('command' in sent) this.#answer(sent.command, 'unanswered');
    }
  }

  /** The next message of the subscription is read; at a fence, once its reply has been. */
  hear(): void {
    const message = this.#stream[0];
    if (!message) return;
    if (!('fence' in message)) {
      this.#stream.shift();
      this.ledger.heard(message.row, message.event, this.#reckon());
      return;
    }
    const fence = this.#published.get(message.fence)!;
    if (!fence.replied && this.#replies.some((reply) => 'fence' in reply && reply.fence === message.fence)) return;
    this.#stream.shift();
    if (!fence.replied) return;
    const latestDeliveryMs = this.#reckon() - fence.atMs;
    this.#lastHeardFenceMs = fence.atMs;
    const clockErrorMs = Math.abs(this.#engine.skewMs);
    this.ledger.bounds = { clockErrorMs, fencePublishedMs: fence.atMs, latestDeliveryMs };
    this.ledger.fence(fence.order);
  }

  /** The expire cycle comes by. */
  cycle(row: number): void {
    this.#step();
    const key = this.#keys.get(row);
    const isDue =
      key?.deadlineMs === Math.floor(this.nowMs) && this.#engine.leastLagMs === 0 && !this.#engine.dropsPast;
    if (isDue) this.#expire(row);
    else this.#expireIfDue(row);
  }

  evict(row: number): void {
    const key = this.#keys.get(row);
    this.#step();
    if (!key) return;
    this.#end(row, this.#isPast(key) ? 'evicted_stale' : 'evicted_early');
    this.#publish({ event: 'evicted', row });
  }

  /** Someone else deletes a key of ours, in silence as far as we listen. */
  foreignDelete(row: number): void {
    if (this.#keys.has(row)) this.#end(row, 'lost');
  }

  /** Someone else takes the deadline of a key of ours away. */
  foreignPersist(row: number): void {
    const key = this.#keys.get(row);
    if (key && key.deadlineMs !== NEVER_MS && !this.#isPast(key)) key.deadlineMs = null;
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
    this.ledger.gaps.at(-1)!.toMs = this.#reckon();
  }

  /** Answers everything, cuts off, and asks for what is left, as far as the connection bears `asks` of them. */
  finish(asks = Number.POSITIVE_INFINITY): void {
    this.restore();
    this.fence();
    this.#drain();
    const cutOffMs = this.nowMs;
    this.ledger.cutOff(cutOffMs);
    for (const [row, key] of [...this.#keys]) {
      const outcome = key.deadlineMs === null ? 'lost' : this.#isPast(key) ? 'stale' : 'alive';
      Object.assign(key, { outcome, endedMs: cutOffMs });
      this.#keys.set(row, { ...key });
    }
    this.#judged = true;
    let asked = 0;
    for (const row of this.ledger.withoutEnd()) {
      this.nowMs += 1;
      this.send('ask', row, 0);
      if (++asked > asks) this.cutLane(1);
    }
    this.fence();
    this.#drain();
    this.ledger.giveUp();
  }

  /** The server's time as the harness has it, a step later. */
  #reckon(): number {
    return this.#step() + this.#engine.skewMs;
  }

  #step(): number {
    this.nowMs += STEP_MS;
    return this.nowMs;
  }

  #drain(): void {
    while (this.#lane.length > 0) this.execute();
    while (this.#replies.length > 0) this.reply();
    while (this.#stream.length > 0) this.hear();
  }

  #answer({ handle }: Command, answer: Answer): void {
    this.ledger.answered(handle, answer, this.#reckon(), Math.abs(this.#engine.skewMs));
  }

  #publish(message: Message): void {
    if (this.#connected) this.#stream.push(message);
  }

  #isPast({ deadlineMs }: TrueLife): boolean {
    return deadlineMs !== null && Math.floor(this.nowMs) > deadlineMs;
  }

  #end(row: number, outcome: OutcomeName): void {
    const key = this.#keys.get(row)!;
    this.#keys.delete(row);
    if (this.#judged) return;
    Object.assign(key, { outcome, endedMs: this.nowMs, cause: this.#executing ? 'command' : 'cycle' });
  }

  #expireIfDue(row: number): void {
    const key = this.#keys.get(row);
    if (key && this.#isPast(key)) this.#expire(row);
  }

  #expire(row: number): void {
    this.#end(row, 'expired');
    this.#publish({ event: 'expired', row });
  }

  /** A command of ours gave the key a deadline that was past already. */
  #dropPast(row: number): void {
    if (this.#engine.pastFires) this.#expire(row);
    else this.#end(row, 'logged_out');
  }

  #begin(row: number, deadlineMs: number, outcome: OutcomeName | null = null): void {
    const life: TrueLife = { row, outcome, deadlineMs, cause: 'cycle', endedMs: this.nowMs };
    this.lives.push(life);
    if (outcome !== null) return;
    this.#keys.set(row, life);
    if (this.#engine.tellsNew) this.#publish({ event: 'new', row });
  }

  #run(command: Command, ttlMs: number): Answer {
    const { kind, row, deadlineMs } = command;
    if (this.#refusing && (kind === 'create' || kind === 'rewrite')) {
      if (kind === 'create') this.#begin(row, deadlineMs!, 'refused');
      return 'refused';
    }
    this.#expireIfDue(row);
    const key = this.#keys.get(row);
    const isPast = deadlineMs <= Math.floor(this.nowMs);
    if (kind === 'create' || kind === 'rewrite') {
      const isDropped = isPast && this.#engine.dropsPast;
      if (key) key.deadlineMs = deadlineMs;
      else if (!isDropped) this.#begin(row, deadlineMs!);
      else if (kind === 'create') this.#begin(row, deadlineMs!, 'logged_out');
      if (key && isDropped) this.#dropPast(row);
      return 'done';
    }
    if (!key) return 'gone';
    if (kind === 'touch') {
      key.deadlineMs = Math.floor(this.nowMs) + ttlMs;
    } else if (kind === 'getex') {
      key.deadlineMs = deadlineMs;
      if (isPast) this.#dropPast(row);
    } else if (kind === 'logout') {
      this.#end(row, 'logged_out');
    } else if (kind === 'ask') {
      this.ledger.inFlight.setDeadline(command.handle, key.deadlineMs, 0);
    }
    return 'done';
  }
}
