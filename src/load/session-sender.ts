import { type Answer, type CommandKind, NONE } from '../ledger/in-flight.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { NEVER_MS } from '../ledger/rows.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';
import type { RefreshName } from '../scenario/store.ts';
import {
  type Ask,
  type Deadline,
  KEY,
  type Numbers,
  type Operation,
  type StoreCommand,
  type StoreKind,
  type StoreProfile,
} from '../stores/profile.ts';
import { CommandEncoder, type SessionNumbers } from './command-encoder.ts';
import type { WriteLane } from './write-lane.ts';

/** The run's time as the load needs it; see RunClock. */
export interface LoadClock {
  readonly epochMs: number;
  readonly errorMs: number;
  nowMs(): number;
  fromMono(monoMs: number): number;
}

/** What an operation is for, so that its answer can be acted upon. */
export type Purpose = 'create' | 'read' | 'refresh' | 'destroy' | 'sweep' | 'ask';

interface Step {
  /** Tells the lane's replies apart. */
  code: number;
  purpose: Purpose;
  encoder: CommandEncoder;
  does: StoreKind | null;
  reads: NonNullable<StoreCommand['reads']> | null;
  deadline: Deadline | null;
  onlyIf: ((numbers: Numbers) => boolean) | null;
  asks: Asking | null;
}

/** The question after the cut-off: what its reply tells, and of what. */
interface Asking extends Ask {
  tells: 'deadline' | 'what is left';
  /** A field of a hash, not a key. */
  isField: boolean;
}

type Steps = readonly Step[];

/** A store's operations, made ready to be sent. */
export interface ReadyStore {
  create: Steps;
  read: Steps;
  refreshes: Partial<Record<RefreshName, Steps>>;
  destroy: Steps;
  ask: Steps;
  sweep: { take: Steps; each: Steps } | null;
}

export interface SenderOptions {
  ledger: Ledger;
  lane: WriteLane;
  clock: LoadClock;
  /** Of the run's keys. */
  prefix: string;
  /** Whether the server has PEXPIRETIME (7.0), which tells a deadline to the ms; else PTTL, to half the round trip. */
  canPexpiretime: boolean;
  /** Writes the payload of the session whose numbers are given. */
  writePayload(numbers: SessionNumbers, target: Buffer, at: number): void;
  /** A session's command was answered: one that acts on its key, or a read from which the visitor learns. */
  onAnswer(purpose: Purpose, does: StoreKind | null, row: number, answer: Answer): void;
}

/** Of a key's deadline or what is left of it: -1 for none, -2 when there is no key. */
const ofKey = (reply: Reply): ReturnType<Ask['reads']> => {
  if (typeof reply !== 'number') return 'refused';
  return reply === -2 ? 'gone' : reply === -1 ? 'none' : reply;
};
const PEXPIRETIME: Asking = { args: ['PEXPIRETIME', KEY], reads: ofKey, tells: 'deadline', isField: false };
const PTTL: Asking = { args: ['PTTL', KEY], reads: ofKey, tells: 'what is left', isField: false };

/**
 * Sends the operations of stores on the write lane and tells the ledger of each command that acts on a session's key, and
 * of its reply.
 */
export class SessionSender {
  /** Error replies by their code, `OOM` for example. */
  readonly errors = new Map<string, number>();
  /** Commands that act on a session whose reply was lost with the connection. */
  unanswered = 0;
  /** Of the session that the next operation is for; to be set before it is sent. */
  readonly numbers: SessionNumbers = {
    index: 0,
    user: 0,
    deadline: 0,
    formerDeadline: 0,
    ttl: 0,
    now: 0,
    payloadBytes: 0,
  };
  readonly #options: SenderOptions;
  readonly #steps: Step[] = [];
  readonly #writePayload: (target: Buffer, at: number) => void;
  readonly #sent = {
    kind: 'create' as CommandKind,
    row: 0,
    order: 0,
    sentMs: 0,
    deadlineMs: NONE,
    ttlMs: NONE,
  };
  /** Handle of the first command that has not left. */
  #toLeave = 0;
  #receivedMonoMs = 0;
  #receivedMs = 0;
  #clockErrorMs = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#writePayload = (target, at) => options.writePayload(this.numbers, target, at);
    options.lane.listen(
      (code, value, reply, receivedMonoMs) => this.#replied(code, value, reply, receivedMonoMs),
      () => this.#leaving(),
    );
  }

  ready({ create, read, refreshes, destroy, hash, ask, sweep }: StoreProfile): ReadyStore {
    const steps = (purpose: Purpose, operation: Operation): Steps =>
      operation.map((command) => this.#step(purpose, command, null));
    const ofAnyKey = this.#options.canPexpiretime ? PEXPIRETIME : PTTL;
    const asking: Asking = ask ? { ...ask, tells: 'deadline', isField: hash !== undefined } : ofAnyKey;
    return {
      create: steps('create', create),
      read: steps('read', read),
      refreshes: Object.fromEntries(
        Object.entries(refreshes).map(([name, operation]) => [name, steps('refresh', operation)]),
      ),
      destroy: steps('destroy', destroy),
      ask: [this.#step('ask', { args: asking.args }, asking)],
      sweep: sweep ? { take: steps('sweep', sweep.take), each: steps('sweep', sweep.each) } : null,
    };
  }

  /** Sends an operation for the session of `numbers`; `now` there is the time of sending, Unix ms in the server's clock. */
  send(steps: Steps, row: number, cohort: number): void {
    for (const step of steps) {
      if (step.onlyIf === null || step.onlyIf(this.numbers)) this.#send(step, row, cohort);
    }
  }

  /** Sends commands that are about no one session; `onReply` gets the reply to the first. */
  sendFor([first, ...rest]: Steps, onReply: (reply: Reply | undefined) => void): void {
    const { lane } = this.#options;
    const { buffer, at } = lane.reserve(first!.encoder.mostBytes(this.numbers));
    lane.commitFor(first!.encoder.write(buffer, at, this.numbers, this.#writePayload), (reply) => {
      if (reply instanceof ReplyError) this.#countError(reply);
      onReply(reply);
    });
    for (const step of rest) this.#send(step, 0, 0);
    lane.flush();
  }

  #step(purpose: Purpose, { args, does, reads, deadline, onlyIf }: StoreCommand, asks: Step['asks']): Step {
    const step = {
      code: this.#steps.length,
      purpose,
      encoder: new CommandEncoder(args, this.#options.prefix),
      does: does ?? null,
      reads: reads ?? null,
      deadline: deadline ?? null,
      onlyIf: onlyIf ?? null,
      asks,
    };
    this.#steps.push(step);
    return step;
  }

  #send({ code, purpose, encoder, does, deadline }: Step, row: number, cohort: number): void {
    const { ledger, lane } = this.#options;
    const { buffer, at } = lane.reserve(encoder.mostBytes(this.numbers));
    const end = encoder.write(buffer, at, this.numbers, this.#writePayload);
    if (does === null && purpose !== 'ask') {
      lane.commit(end, code, row);
      return;
    }
    const sent = this.#sent;
    sent.kind = does ?? 'ask';
    sent.row = row;
    sent.order = lane.sent;
    sent.sentMs = this.numbers.now - this.#options.clock.epochMs;
    sent.deadlineMs = deadline === null ? NONE : this.#deadlineMs(deadline);
    sent.ttlMs = deadline?.kind === 'relative' ? deadline.ttlMs(this.numbers.ttl) : NONE;
    lane.commit(end, code, ledger.begin(sent, cohort));
  }

  /** In run time; NONE where the server counts it. */
  #deadlineMs(deadline: Deadline): number {
    switch (deadline.kind) {
      case 'sent':
        return this.numbers.deadline - this.#options.clock.epochMs;
      case 'relative':
        return NONE;
      case 'never':
        return NEVER_MS;
      default:
        return deadline satisfies never;
    }
  }

  /** What has been written leaves now: this is when it was sent. */
  #leaving(): void {
    const { ledger, clock } = this.#options;
    ledger.inFlight.leave(this.#toLeave, clock.nowMs());
    this.#toLeave = ledger.inFlight.next;
  }

  #replied(code: number, value: number, reply: Reply | undefined, receivedMonoMs: number): void {
    const { ledger, onAnswer } = this.#options;
    const { purpose, does, reads, asks } = this.#steps[code]!;
    if (receivedMonoMs !== this.#receivedMonoMs) this.#readClock(receivedMonoMs);
    // Then so is all that has been sent by now, and what has not left never will.
    if (reply === undefined) this.#toLeave = ledger.inFlight.next;
    else if (reply instanceof ReplyError) this.#countError(reply);
    if (asks !== null) {
      this.#asked(value, reply, asks);
      return;
    }
    if (reads === null) return;
    const answer = reply === undefined ? 'unanswered' : reads(reply);
    if (does === null) {
      onAnswer(purpose, null, value, answer);
      return;
    }
    if (answer === 'unanswered') this.unanswered++;
    ledger.answered(value, answer, this.#receivedMs, this.#clockErrorMs);
    onAnswer(purpose, does, ledger.inFlight.rowOf(value), answer);
  }

  /** The deadline found, where PTTL tells what is left of it; its error. */
  #asked(handle: number, reply: Reply | undefined, { reads, tells, isField }: Asking): void {
    const { ledger, clock } = this.#options;
    const asked = reply === undefined ? 'unanswered' : reads(reply);
    const row = ledger.inFlight.rowOf(handle);
    // A field that was there at the cut-off and is past its deadline has been deleted since.
    if (asked === 'gone' && isField && ledger.rows.deadlineMs[row]! < this.#receivedMs) {
      ledger.heard(row, 'expired', this.#receivedMs);
    }
    const answer = asked === 'none' || typeof asked === 'number' ? 'done' : asked;
    ledger.answered(handle, answer, this.#receivedMs, this.#clockErrorMs);
    if (typeof asked !== 'number') return;
    if (tells === 'deadline') {
      ledger.inFlight.setDeadline(handle, asked - clock.epochMs, 0);
      return;
    }
    const sentMs = ledger.inFlight.sentMs(handle);
    const halfMs = (this.#receivedMs - sentMs) / 2;
    ledger.inFlight.setDeadline(handle, sentMs + halfMs + asked, halfMs + this.#clockErrorMs);
  }

  #countError({ code }: ReplyError): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  /** Once for all replies of one read. */
  #readClock(receivedMonoMs: number): void {
    const { clock } = this.#options;
    this.#receivedMonoMs = receivedMonoMs;
    this.#receivedMs = clock.fromMono(receivedMonoMs);
    this.#clockErrorMs = clock.errorMs;
  }
}
