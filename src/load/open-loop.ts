import type { Answer } from '../ledger/in-flight.ts';
import { LagHistogram } from '../ledger/lag-histogram.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Cohort, Scenario } from '../scenario/scenario.ts';
import { storeProfile } from '../stores/index.ts';
import type { StoreKind, StoreProfile } from '../stores/profile.ts';
import type { SessionNumbers } from './command-encoder.ts';
import { Payloads } from './payloads.ts';
import type { Plan, Segment } from './plan.ts';
import { RequestQueue } from './request-queue.ts';
import { type LoadClock, type Purpose, type ReadyStore, SessionSender } from './session-sender.ts';
import { Sweeper } from './sweeper.ts';
import type { WriteLane } from './write-lane.ts';

export interface LoadOptions {
  scenario: Scenario;
  plan: Plan;
  segment: Segment;
  ledger: Ledger;
  lane: WriteLane;
  clock: LoadClock;
  /** Of the run's keys. */
  prefix: string;
  canPexpiretime: boolean;
  /** Start of the measurement, in run time. */
  startMs: number;
  /** Called between pieces of work. */
  beat(): void;
}

/** Commands in flight during the fill: enough that the server never waits, few enough that a reply is soon there. */
const FILL_WINDOW = 8_192;
/**
 * Bytes that wait to leave. Beyond that the socket takes no more for now, and what is planned leaves late: the slip tells
 * of it, where a queue in this process would hide it and grow without end.
 */
const MOST_UNSENT_BYTES = 4 * 1024 * 1024;
/** Sessions between two looks at the clock. */
const BITE = 64;
/** Work of one turn of the event loop, so that replies are read between. */
const TURN = 512;
/** Of a visit's end: the visitor has left. */
const LEFT = 2 ** 32 - 1;

/**
 * The load of a plan on one write lane. Open loop: what is planned is sent at its time whatever the server does; a late
 * send is counted from its planned time (`slip`), its deadline from the real one.
 *
 * A visitor requests at planned times: a read, and on its reply the cohort's refresh; finds the session gone, and leaves;
 * or comes to the planned end of the visit, and logs out or just leaves.
 */
export class OpenLoop {
  /** Planned time to sending. */
  readonly slip = new LagHistogram();
  readonly sender: SessionSender;
  created = 0;
  /** Sessions whose creation was sent. */
  attempted = 0;
  /** Time of `run` in which nothing could leave, because the server took no more. */
  heldUpMs = 0;
  #stopped = false;
  readonly #sweepers: readonly Sweeper[];
  readonly #options: LoadOptions;
  readonly #cohorts: readonly Cohort[];
  readonly #profiles: readonly StoreProfile[];
  readonly #stores: readonly ReadyStore[];
  readonly #queue = new RequestQueue();
  /** Of each session, where cohorts have visitors: run time in whole ms, and requests so far. */
  readonly #visitEndMs: Uint32Array;
  readonly #requests: Uint16Array;
  /** Latest deadline sent. */
  readonly #deadlineMs: Uint32Array;

  constructor(options: LoadOptions) {
    const { scenario, plan, ledger, lane, clock, prefix, canPexpiretime } = options;
    const { cohorts, seed } = scenario;
    this.#options = options;
    this.#cohorts = cohorts;
    this.#profiles = cohorts.map(({ store }) => storeProfile(store));
    const payloads = cohorts.map(({ content }, position) => new Payloads(seed, position, content));
    const rows = cohorts.some(({ activity }) => activity !== null) ? plan.sessions : 0;
    this.#visitEndMs = new Uint32Array(rows);
    this.#requests = new Uint16Array(rows);
    this.#deadlineMs = new Uint32Array(rows);
    this.sender = new SessionSender({
      ledger,
      lane,
      clock,
      prefix,
      canPexpiretime,
      writePayload: ({ index, payloadBytes }, target, at) =>
        payloads[plan.cohortOf(index)]!.write(index, payloadBytes, target, at),
      onAnswer: (purpose, does, row, answer) => this.#answered(purpose, does, row, answer),
    });
    this.#stores = this.#profiles.map((profile) => this.sender.ready(profile));
    this.#sweepers = this.#profiles.flatMap((_, position) => this.#sweeperOf(position) ?? []);
  }

  /** Makes the sessions that are there from the start. Their TTLs count from the start of the measurement. */
  async fill(signal: AbortSignal): Promise<void> {
    const { plan, startMs, lane, clock, beat } = this.#options;
    let nowMs = clock.nowMs();
    let sent = 0;
    for (const { first, end, step } of plan.filled()) {
      for (let index = first; index < end; index += step) {
        if (sent++ % BITE === 0) {
          nowMs = clock.nowMs();
          beat();
          if (lane.inFlight > FILL_WINDOW) await lane.drained(FILL_WINDOW / 2);
          if (signal.aborted || !lane.up) return;
        }
        if (lane.unsentBytes > MOST_UNSENT_BYTES) {
          await lane.drained(lane.inFlight / 2);
          if (signal.aborted || !lane.up) return;
          nowMs = clock.nowMs();
        }
        if (nowMs > startMs) this.#slipped(nowMs - startMs);
        this.#create(index, Math.max(startMs, nowMs), startMs, nowMs);
      }
    }
    await lane.drained(1);
  }

  /**
   * Sends what is planned before the end of the load, all of it however late, unless `signal` aborts, or the load has
   * taken twice its time.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { scenario, plan, startMs, lane, clock, beat } = this.#options;
    const { durationMs } = scenario;
    const endMs = startMs + durationMs;
    const arrivals = plan.arrivals();
    for (const sweeper of this.#sweepers) sweeper.start();
    const nextMs = (): number => Math.min(startMs + arrivals.atMs, this.#queue.nextAtMs, endMs);
    const isFull = (): boolean => lane.unsentBytes > MOST_UNSENT_BYTES;
    while (!signal.aborted) {
      for (let bite = 0; bite < TURN && !isFull(); bite += BITE) {
        const nowMs = clock.nowMs();
        const untilMs = Math.min(nowMs, endMs);
        for (let work = 0; work < BITE; work++) {
          const arrivalMs = startMs + arrivals.atMs;
          const plannedMs = Math.min(arrivalMs, this.#queue.nextAtMs);
          if (plannedMs > nowMs || plannedMs >= endMs || isFull()) break;
          this.#slipped(nowMs - plannedMs);
          if (arrivalMs === plannedMs) {
            this.#create(arrivals.index, nowMs, plannedMs, nowMs);
            arrivals.advance();
          } else {
            this.#visit(this.#queue.pop(), plannedMs, nowMs);
          }
        }
        beat();
        if (nextMs() > untilMs) break;
      }
      lane.flush();
      if (clock.nowMs() >= (nextMs() === endMs ? endMs : endMs + durationMs)) return;
      if (isFull()) {
        const fullMs = clock.nowMs();
        await pause(1, signal);
        this.heldUpMs += clock.nowMs() - fullMs;
      } else {
        await pause(nextMs() - clock.nowMs(), signal);
      }
    }
  }

  /** Sends nothing more, not even the refresh that a reply still to come would call for. */
  stop(): void {
    this.#stopped = true;
    for (const sweeper of this.#sweepers) sweeper.stop();
  }

  /** Reads what is left of a session after the cut-off. */
  ask(row: number): void {
    const { plan, clock } = this.#options;
    const index = this.#indexOf(row);
    const position = plan.cohortOf(index);
    this.#numbersOf(index, clock.nowMs(), 0);
    this.sender.send(this.#stores[position]!.ask, row, position);
  }

  #sweeperOf(position: number): Sweeper | null {
    const { sweep } = this.#profiles[position]!;
    const { clock } = this.#options;
    const store = this.#stores[position]!;
    if (!sweep || !store.sweep) return null;
    const { each } = store.sweep;
    const sendEach = (index: number): void => {
      this.#numbersOf(index, clock.nowMs(), 0);
      this.sender.send(each, this.#rowOf(index), position);
    };
    return new Sweeper(sweep, store.sweep, this.sender, () => clock.nowMs() + clock.epochMs, sendEach);
  }

  #slipped(lateMs: number): void {
    this.slip.record(Math.round(lateMs * 1000));
  }

  #indexOf(row: number): number {
    const { of, index } = this.#options.segment;
    return row * of + index - 1;
  }

  #rowOf(index: number): number {
    const { of } = this.#options.segment;
    return of === 1 ? index : Math.floor(index / of);
  }

  /** @param fromMs the TTL counts from then */
  #create(index: number, fromMs: number, plannedMs: number, nowMs: number): void {
    const { plan, startMs } = this.#options;
    const row = this.#rowOf(index);
    const position = plan.cohortOf(index);
    const cohort = this.#cohorts[position]!;
    // A herd shares one deadline, counted from the start.
    const deadlineMs = Math.round((cohort.ttlMs?.kind === 'together' ? startMs : fromMs) + plan.ttlMs(index));
    const numbers = this.#numbersOf(index, nowMs, deadlineMs);
    // A store that counts a TTL cannot make what is due already: it is due as soon as it can be.
    numbers.ttl = Math.max(1, deadlineMs - Math.round(nowMs));
    this.attempted++;
    this.sender.send(this.#stores[position]!.create, row, position);
    if (cohort.activity === null) return;
    this.#deadlineMs[row] = deadlineMs;
    this.#visitEndMs[row] = Math.min(LEFT - 1, plannedMs + plan.visitLengthMs(index));
    this.#planNext(row, index, plannedMs);
  }

  #numbersOf(index: number, nowMs: number, deadlineMs: number): SessionNumbers {
    const { plan, clock } = this.#options;
    const { numbers } = this.sender;
    numbers.index = index;
    numbers.user = plan.userOf(index);
    numbers.now = Math.floor(nowMs) + clock.epochMs;
    numbers.deadline = deadlineMs + clock.epochMs;
    numbers.payloadBytes = plan.payloadBytes(index);
    return numbers;
  }

  #planNext(row: number, index: number, afterMs: number): void {
    const { plan } = this.#options;
    const nextMs = afterMs + plan.requestGapMs(index, this.#requests[row]!);
    const endMs = this.#visitEndMs[row]!;
    if (nextMs < endMs) this.#queue.push(nextMs, row);
    else if (plan.logsOut(index)) this.#queue.push(endMs, row);
  }

  #leave(row: number): void {
    this.#visitEndMs[row] = LEFT;
  }

  #visit(row: number, plannedMs: number, nowMs: number): void {
    const endMs = this.#visitEndMs[row]!;
    if (endMs === LEFT) return;
    const index = this.#indexOf(row);
    if (plannedMs >= endMs) {
      this.#leave(row);
      this.#destroy(row, index, nowMs);
      return;
    }
    this.#requests[row]!++;
    this.#request(row, index, nowMs);
    this.#planNext(row, index, plannedMs);
  }

  #destroy(row: number, index: number, nowMs: number): void {
    const { plan, clock } = this.#options;
    const position = plan.cohortOf(index);
    this.#numbersOf(index, nowMs, nowMs).formerDeadline = this.#deadlineMs[row]! + clock.epochMs;
    this.sender.send(this.#stores[position]!.destroy, row, position);
  }

  /** GETEX reads and refreshes at once; everything else reads first. */
  #request(row: number, index: number, nowMs: number): void {
    const position = this.#options.plan.cohortOf(index);
    if (this.#cohorts[position]!.refresh.kind === 'getex' && this.#renews(row, index, nowMs)) {
      this.#refresh(row, index, nowMs);
      return;
    }
    this.#numbersOf(index, nowMs, this.#deadlineMs[row]!);
    this.sender.send(this.#stores[position]!.read, row, position);
  }

  #renews(row: number, index: number, nowMs: number): boolean {
    const { plan } = this.#options;
    const { renewBelow } = this.#cohorts[plan.cohortOf(index)]!.refresh;
    return renewBelow === null || this.#deadlineMs[row]! - nowMs < renewBelow * plan.ttlMs(index);
  }

  #refresh(row: number, index: number, nowMs: number): void {
    const { plan, clock } = this.#options;
    const position = plan.cohortOf(index);
    const { kind } = this.#cohorts[position]!.refresh;
    const steps = kind === 'none' ? undefined : this.#stores[position]!.refreshes[kind];
    if (!steps) return;
    const ttlMs = plan.ttlMs(index);
    const deadlineMs = Math.round(nowMs + ttlMs);
    const numbers = this.#numbersOf(index, nowMs, deadlineMs);
    numbers.ttl = ttlMs;
    numbers.formerDeadline = this.#deadlineMs[row]! + clock.epochMs;
    this.#deadlineMs[row] = deadlineMs;
    this.sender.send(steps, row, position);
  }

  #answered(purpose: Purpose, does: StoreKind | null, row: number, answer: Answer): void {
    switch (purpose) {
      case 'create':
        if (does !== 'create') return;
        if (answer === 'done') this.created++;
        else if (this.#visitEndMs.length > 0) this.#leave(row);
        return;
      case 'read':
        if (answer === 'done') {
          if (!this.#stopped) this.#afterRead(row);
        } else if (answer === 'gone' || answer === 'absent') {
          this.#leave(row);
          // A store's read that says nothing of the session's key.
          if (does === null) this.#options.ledger.foundGone(row, this.#options.clock.nowMs());
        }
        return;
      case 'refresh':
        if (answer === 'gone') this.#leave(row);
        return;
      case 'destroy':
      case 'sweep':
      case 'ask':
        return;
      default:
        purpose satisfies never;
    }
  }

  #afterRead(row: number): void {
    const { plan, clock, ledger } = this.#options;
    const index = this.#indexOf(row);
    const position = plan.cohortOf(index);
    const nowMs = clock.nowMs();
    if (this.#profiles[position]!.judgesAge && nowMs > this.#deadlineMs[row]!) {
      this.#leave(row);
      ledger.turnedAway(row);
      return;
    }
    if (this.#cohorts[position]!.refresh.kind === 'getex') return;
    if (this.#renews(row, index, nowMs)) this.#refresh(row, index, nowMs);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0) {
      setImmediate(resolve);
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.min(ms, 1000));
    signal.addEventListener('abort', finish, { once: true });
  });
}
