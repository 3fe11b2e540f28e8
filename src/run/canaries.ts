import type { WriteLane } from '../load/write-lane.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';
import { type Fence, timeToMs } from './fences.ts';
import type { RunClock } from './run-clock.ts';

const EVERY_MS = 250;
const LIFE_MS = 700;
/** Reading begins this long before the deadline and goes on, read after read, until the key is gone. */
const READ_AHEAD_MS = 1.5;
/** A key reads as gone when the server's clock, in whole ms, is past its deadline. */
const FLIP_MS = 1;

interface Canary {
  readonly number: number;
  readonly order: number;
  readonly deadlineMs: number;
  state: 'set' | 'present' | 'gone' | 'refused';
  /** Bounds of the read that found it gone, by the server's TIME. */
  goneBetweenMs: [number, number] | null;
  /** Position in the lane of the read that found it gone, and by how much that was too early, ms. */
  goneOrder: number;
  goneEarlyMs: number;
  heardMs: number | null;
  /** It may have been set after its deadline, when some servers make no key: it proves nothing. */
  doubtful: boolean;
}

/** A canary that did not do as time demands. `byMs`: by how much beyond the clock's error. */
export interface CanaryViolation {
  kind: 'present too late' | 'gone too early' | 'event too early' | 'no event';
  deadlineMs: number;
  byMs: number;
}

export interface CanaryReport {
  planned: number;
  flippedOnTime: number;
  violations: CanaryViolation[];
  /** Latest TIME, after the deadline in ms, that still saw a canary; earliest that saw none. `null`: none seen. */
  lastPresentMs: number | null;
  firstGoneMs: number | null;
  /** Server time of the read that fired the event to its arrival, ms. */
  deliveryMs: number[];
}

/**
 * Keys of the run's own that prove its time: read by MULTI, TIME, EXISTS, TIME, EXEC around their deadline, they must
 * flip from there to gone at deadline + 1 ms, by the server's own TIME and by our reckoning of its clock (where the cycle
 * of a server may delete in the ms of the deadline, at the deadline at the earliest); the read that finds one gone fires
 * its event, whose arrival gives the true delivery delay. They go through the write lane, so that their number at a fence
 * is known exactly.
 */
export class Canaries {
  readonly #lane: WriteLane;
  readonly #clock: RunClock;
  readonly #keyOf: (number: number) => string;
  readonly #leastLagMs: number;
  readonly #waiting = new Map<number, Canary>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #ticker: NodeJS.Timeout | null = null;
  #closed = false;
  readonly report: CanaryReport = {
    planned: 0,
    flippedOnTime: 0,
    violations: [],
    lastPresentMs: null,
    firstGoneMs: null,
    deliveryMs: [],
  };

  /** @param leastLagMs how long after its deadline a key expires at the earliest */
  constructor(lane: WriteLane, clock: RunClock, keyOf: (number: number) => string, leastLagMs: number) {
    this.#lane = lane;
    this.#clock = clock;
    this.#keyOf = keyOf;
    this.#leastLagMs = leastLagMs;
  }

  start(): void {
    this.#ticker = setInterval(() => this.#plant(), EVERY_MS);
  }

  /** Stops at once: none is planted or read from now on. */
  close(): void {
    this.#closed = true;
    if (this.#ticker) clearInterval(this.#ticker);
    this.#ticker = null;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Keys of canaries that may still be there. */
  keysLeft(): string[] {
    return [...this.#waiting.keys()].map(this.#keyOf);
  }

  heard(number: number, event: 'expired' | 'evicted', heardMs: number): void {
    const canary = this.#waiting.get(number);
    if (!canary) return;
    canary.heardMs = heardMs;
    const earlyMs = canary.deadlineMs + this.#leastLagMs - this.#clock.errorMs - heardMs;
    if (event === 'evicted') this.#waiting.delete(number);
    else if (earlyMs > 0 && !canary.doubtful) this.#violate(canary, 'event too early', earlyMs);
    else if (canary.state === 'gone') this.#finish(canary);
  }

  /** Canaries that were in memory when the fence was executed, and those that may have been. */
  presentAt(order: number): { sure: number; doubtful: number } {
    const present = { sure: 0, doubtful: 0 };
    for (const canary of this.#waiting.values()) {
      if (canary.order >= order || canary.heardMs !== null || canary.state === 'refused') continue;
      present[canary.doubtful ? 'doubtful' : 'sure']++;
    }
    return present;
  }

  /**
   * A canary found gone before the fence, whose event is not heard by now, had none; found gone too early, it was not
   * evicted.
   */
  fence(fence: Fence, inGap: (fromMs: number) => boolean): void {
    for (const canary of this.#waiting.values()) {
      if (canary.state !== 'gone' || canary.goneOrder >= fence.order || canary.heardMs !== null) continue;
      this.#waiting.delete(canary.number);
      if (canary.doubtful || inGap(canary.deadlineMs - LIFE_MS)) continue;
      if (canary.goneEarlyMs > 0) this.#violate(canary, 'gone too early', canary.goneEarlyMs);
      else this.#violate(canary, 'no event', fence.heardMs - canary.deadlineMs);
    }
  }

  #plant(): void {
    if (!this.#lane.up) return;
    const nowMs = this.#clock.nowMs();
    const canary: Canary = {
      number: ++this.report.planned,
      order: this.#lane.sent,
      deadlineMs: Math.ceil(nowMs + LIFE_MS),
      state: 'set',
      goneBetweenMs: null,
      goneOrder: Number.POSITIVE_INFINITY,
      goneEarlyMs: 0,
      heardMs: null,
      doubtful: false,
    };
    this.#waiting.set(canary.number, canary);
    const unixMs = canary.deadlineMs + this.#clock.epochMs;
    this.#lane.send(['SET', this.#keyOf(canary.number), '', 'PXAT', String(unixMs)], (reply, receivedMonoMs) => {
      canary.doubtful = this.#clock.fromMono(receivedMonoMs) + this.#clock.errorMs >= canary.deadlineMs;
      if (reply !== undefined && !(reply instanceof ReplyError)) return;
      canary.state = 'refused';
      this.#waiting.delete(canary.number);
    });
    this.#lane.flush();
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#read(canary);
      },
      canary.deadlineMs - nowMs - READ_AHEAD_MS,
    );
    this.#timers.add(timer);
  }

  #read(canary: Canary): void {
    if (this.#closed || !this.#waiting.has(canary.number)) return;
    const order = this.#lane.sent;
    const sentMs = this.#clock.nowMs();
    const ignore = (): void => {};
    for (const args of [['MULTI'], ['TIME'], ['EXISTS', this.#keyOf(canary.number)], ['TIME']]) {
      this.#lane.send(args, ignore);
    }
    this.#lane.send(['EXEC'], (reply, receivedMonoMs) => {
      // Refused by a server out of memory, or unanswered: it is left to the cycle, and proves nothing.
      if (!Array.isArray(reply)) return;
      this.#judge(canary, reply, order, sentMs, this.#clock.fromMono(receivedMonoMs));
    });
    this.#lane.flush();
  }

  #judge(canary: Canary, reply: Reply[], order: number, sentMs: number, receivedMs: number): void {
    if (!this.#waiting.has(canary.number)) return;
    const [before, exists, after] = reply;
    const fromMs = this.#clock.fromServer(timeToMs(before!));
    const toMs = this.#clock.fromServer(timeToMs(after!));
    if (exists === 1) {
      canary.state = 'present';
      this.report.lastPresentMs = Math.max(this.report.lastPresentMs ?? -Infinity, fromMs - canary.deadlineMs);
      const lateMs = sentMs - this.#clock.errorMs - canary.deadlineMs - FLIP_MS;
      if (lateMs > 0) this.#violate(canary, 'present too late', lateMs);
      else this.#read(canary);
      return;
    }
    if (!canary.doubtful && (canary.heardMs === null || canary.heardMs >= fromMs)) {
      this.report.firstGoneMs = Math.min(this.report.firstGoneMs ?? Infinity, toMs - canary.deadlineMs);
    }
    canary.state = 'gone';
    canary.goneOrder = order;
    canary.goneEarlyMs = canary.deadlineMs + this.#leastLagMs - Math.min(toMs, receivedMs + this.#clock.errorMs);
    canary.goneBetweenMs = [fromMs, toMs];
    if (canary.heardMs !== null) this.#finish(canary);
  }

  #finish(canary: Canary): void {
    if (canary.doubtful) {
      this.#waiting.delete(canary.number);
      return;
    }
    if (canary.goneEarlyMs > 0) {
      this.#violate(canary, 'gone too early', canary.goneEarlyMs);
      return;
    }
    this.#waiting.delete(canary.number);
    this.report.flippedOnTime++;
    const [fromMs, toMs] = canary.goneBetweenMs!;
    const byCycle = canary.heardMs! < fromMs - this.#clock.errorMs;
    if (!byCycle) this.report.deliveryMs.push(canary.heardMs! - (fromMs + toMs) / 2);
  }

  #violate(canary: Canary, kind: CanaryViolation['kind'], byMs: number): void {
    this.#waiting.delete(canary.number);
    this.report.violations.push({ kind, deadlineMs: canary.deadlineMs + this.#clock.epochMs, byMs });
  }
}
