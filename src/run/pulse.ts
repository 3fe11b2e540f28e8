import { relativeDeadline } from '../ledger/in-flight.ts';
import { LagHistogram } from '../ledger/lag-histogram.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OutcomeName } from '../ledger/outcome.ts';
import type { WriteLane } from '../load/write-lane.ts';
import { EVENT, type EventBatch, SPACE } from '../observe/event-batch.ts';
import { infoNumber, keyspace, parseInfo } from '../redis/info.ts';
import { Canaries } from './canaries.ts';
import { CohortSeries } from './cohort-series.ts';
import type { CountSample } from './count-check.ts';
import { type Fence, type FenceHandlers, Fences } from './fences.ts';
import type { FieldWatch } from './field-watch.ts';
import type { RunClock } from './run-clock.ts';
import type { RunKeys } from './run-keys.ts';

const FENCE_EVERY_MS = 50;
/** Settling what a fence makes final holds the load up: half a ms for so many. */
const FENCE_EVERY_COMMANDS = 5_000;
const COUNT_EVERY_MS = 1_000;
/** Counting passes over all rows, 25 ms for 10 million; it may take so much of the time. */
const COUNT_SHARE = 0.005;
const FIRST_FENCE_LIMIT_MS = 10_000;
/** A server that answers nothing for so long is told of in the verdict. */
const STALL_MS = 2_000;
const CHECKED_TTL_SECONDS = 30;
/** One sample a second, as columns. */
export interface TotalSeries {
  atSeconds: number[];
  created: number[];
  heard: number[];
  live: number[];
  stale: number[];
  evictedEarly: number[];
  evictedStale: number[];
}

/** A time in which events of a primary may have been missed, in run time. */
export interface Gap {
  node: number;
  fromMs: number;
  toMs: number;
  reason: string;
}

/** The server's counts, and the events heard until then. */
interface Baseline {
  expires: number;
  expiredKeys: number | null;
  evictedKeys: number | null;
  connections: number | null;
  heardExpired: number;
  heardEvicted: number;
}

export interface PulseOptions {
  ledger: Ledger;
  lane: WriteLane;
  clock: RunClock;
  keys: RunKeys;
  db: number;
  /** Connections of the run: more are others'. */
  ownConnections: number;
  created: () => number;
  canPexpiretime: boolean;
  /** How long after its deadline a key expires at the earliest, ms. */
  leastLagMs: number;
  /** Where sessions are fields of a hash. */
  fieldWatch: FieldWatch | null;
}

/**
 * What beats through a run: fences every 50 ms, which make replies final and probe the delivery; one a second with
 * INFO, at which the server's counts are held against the ledger's; canaries; a check of estimated deadlines. It
 * feeds the observer's stream to the ledger and keeps what the instrument reports of itself.
 */
export class Pulse {
  readonly fences: Fences;
  readonly canaries: Canaries;
  readonly delivery = new LagHistogram();
  readonly samples: CountSample[] = [];
  readonly gaps: Gap[] = [];
  readonly stalls: { fromMs: number; lengthMs: number }[] = [];
  /** Deadlines that were estimated and then read: by how much the worst was off, its bound at worst, and beyond it, ms. */
  readonly deadlineCheck = { sampled: 0, worstErrorMs: 0, worstBoundMs: 0, excessMs: 0 };
  /** Whether clients beside ours were seen, which may have changed the server's counts. */
  othersConnected = false;
  /** Whether connections were made meanwhile: others', gone again by the next look, or ours made anew. */
  connectionsMade = false;
  worstClockErrorMs = 0;
  /** `expired` events heard, of any key. */
  heardExpired = 0;
  /** Of these, of our sessions. */
  heardSessions = 0;
  /** `evicted` events heard, of any key. */
  heardEvicted = 0;
  readonly series: TotalSeries = {
    atSeconds: [],
    created: [],
    heard: [],
    live: [],
    stale: [],
    evictedEarly: [],
    evictedStale: [],
  };
  /** In the same rows. */
  readonly cohorts: CohortSeries;
  /** Beside the series: of each cohort, the stale sessions. */
  readonly staleOf: number[][] = [];
  readonly #options: PulseOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  /** At the first fence. */
  #baseline: Baseline | null = null;
  #checked = 0;
  #nextCountAt = 0;

  constructor(options: PulseOptions) {
    const { lane, clock, keys, leastLagMs } = options;
    this.#options = options;
    this.cohorts = new CohortSeries(options.ledger.tallies.length);
    this.canaries = new Canaries(lane, clock, keys.canary, leastLagMs);
    const handlers: FenceHandlers = {
      event: (event, space, value, heardMs) => this.#event(event, space, value, heardMs),
      fence: (fence) => this.#fence(fence),
    };
    this.fences = new Fences(lane, keys.fenceChannel, clock, handlers, options.fieldWatch ? keys.fields : null);
  }

  /** Takes the counts at the start, then beats until `stop`. @returns whether the first fence was heard in 10 s */
  async start(): Promise<boolean> {
    const first = await this.fences.send({ info: true, limitMs: FIRST_FENCE_LIMIT_MS });
    if (!first) return false;
    this.#timers.push(
      setInterval(() => void this.fences.send(), FENCE_EVERY_MS),
      setInterval(() => {
        if (performance.now() >= this.#nextCountAt) void this.fences.send({ info: true });
        this.#checkDeadline();
      }, COUNT_EVERY_MS),
    );
    return true;
  }

  /** A fence when enough has been sent since the last; for the load to call between its flushes. */
  beat(): void {
    if (this.#options.lane.sent - this.fences.lastOrder >= FENCE_EVERY_COMMANDS) void this.fences.send();
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.canaries.close();
  }

  events(batch: EventBatch): void {
    this.fences.events(batch);
  }

  cut(node: number, reason: string): void {
    this.#beginGap(node, this.fences.lastPublishedMs, reason);
    this.fences.cut();
  }

  restored(node: number, atMonoMs: number): void {
    const gap = this.#openGap(node);
    if (gap) gap.toMs = this.#options.clock.fromMono(atMonoMs);
    this.fences.restored();
  }

  /** From `fromMs` on nothing more can be heard. */
  blind(fromMs: number, reason: string): void {
    this.#beginGap(0, fromMs, reason);
  }

  #openGap(node: number): Gap | undefined {
    return this.gaps.find((gap) => gap.node === node && gap.toMs === Number.POSITIVE_INFINITY);
  }

  #beginGap(node: number, fromMs: number, reason: string): void {
    if (this.#openGap(node)) return;
    const gap = { node, fromMs, toMs: Number.POSITIVE_INFINITY, reason };
    this.gaps.push(gap);
    this.#options.ledger.gaps.push(gap);
  }

  #event(event: number, space: number, value: number, heardMs: number): void {
    if (event === EVENT.hexpired) {
      if (space === SPACE.fields) this.#options.fieldWatch?.heard(heardMs);
      return;
    }
    if (event === EVENT.expired) this.heardExpired++;
    if (event === EVENT.evicted) this.heardEvicted++;
    const name = event === EVENT.expired ? 'expired' : event === EVENT.evicted ? 'evicted' : 'new';
    if (space === SPACE.session) {
      const row = this.#options.keys.rowOf(value);
      if (row === null) return;
      if (name === 'expired') this.heardSessions++;
      this.#options.ledger.heard(row, name, heardMs);
    } else if (space === SPACE.canary && name !== 'new') {
      this.canaries.heard(value, name, heardMs);
    }
  }

  #fence(fence: Fence): void {
    const { ledger, clock } = this.#options;
    ledger.bounds = {
      clockErrorMs: clock.errorMs,
      fencePublishedMs: fence.publishedMs,
      latestDeliveryMs: fence.deliveryMs,
    };
    this.worstClockErrorMs = Math.max(this.worstClockErrorMs, clock.errorMs);
    this.delivery.record(Math.round(fence.deliveryMs * 1000));
    this.#noteStall(fence);
    ledger.fence(fence.order);
    ledger.advance(fence.publishedMs);
    this.#options.fieldWatch?.fence(fence);
    this.canaries.fence(fence, (fromMs) => this.gaps.some(({ toMs }) => toMs >= fromMs));
    if (fence.info !== null) this.#count(fence, fence.info);
  }

  /** Fences sent during one stall are answered together: the first tells its length. */
  #noteStall({ sentMs, repliedMs }: Fence): void {
    const last = this.stalls.at(-1);
    if (repliedMs - sentMs < STALL_MS || (last && sentMs < last.fromMs + last.lengthMs)) return;
    this.stalls.push({ fromMs: sentMs, lengthMs: repliedMs - sentMs });
  }

  #count(fence: Fence, text: string): void {
    const { ledger, db, created } = this.#options;
    const info = parseInfo(text);
    const { expires } = keyspace(info, db);
    const expiredKeys = infoNumber(info, 'expired_keys');
    const evictedKeys = infoNumber(info, 'evicted_keys');
    const connections = infoNumber(info, 'total_connections_received');
    const { heardExpired, heardEvicted } = this;
    this.#baseline ??= { expires, expiredKeys, evictedKeys, connections, heardExpired, heardEvicted };
    const clients = infoNumber(info, 'connected_clients') ?? 0;
    if (clients > this.#options.ownConnections) this.othersConnected = true;
    if (connections !== this.#baseline.connections) this.connectionsMade = true;
    const began = performance.now();
    const { live, stale, close, staleOf } = ledger.rows.countLive(fence.publishedMs, ledger.tallies.length);
    const took = performance.now() - began;
    this.#nextCountAt = began + took / COUNT_SHARE;
    const { sure, doubtful } = this.canaries.presentAt(fence.order);
    const withTtl = ledger.present - ledger.lasting;
    const waitingEnds = ledger.inFlight.waitingEnds;
    this.samples.push({
      publishedMs: fence.publishedMs,
      heardMs: fence.heardMs,
      serverCount: expires - this.#baseline.expires - sure,
      ledgerLeast: withTtl - waitingEnds - ledger.open,
      ledgerMost: withTtl - waitingEnds + doubtful,
      live: live - ledger.lasting,
      close: close + doubtful,
      waitingEnds,
      serverExpired: (expiredKeys ?? 0) - (this.#baseline.expiredKeys ?? 0),
      heardExpired: heardExpired - this.#baseline.heardExpired,
      serverEvicted: (evictedKeys ?? 0) - (this.#baseline.evictedKeys ?? 0),
      heardEvicted: heardEvicted - this.#baseline.heardEvicted,
    });
    const { series } = this;
    series.atSeconds.push(fence.publishedMs / 1000);
    series.created.push(created());
    series.heard.push(this.heardSessions);
    series.live.push(live);
    series.stale.push(stale);
    series.evictedEarly.push(outcomeOf(ledger, 'evicted_early'));
    series.evictedStale.push(outcomeOf(ledger, 'evicted_stale'));
    this.staleOf.push(staleOf);
    this.cohorts.sample(ledger, this.staleOf.length - 1);
  }

  /**
   * A deadline set by a relative TTL is known only from the command's sending and reply. A key that nobody observes
   * shows how good that estimate is: EXPIRE, sent as the load sends it, from a reply's callback; PEXPIRETIME; and DEL,
   * in one flush with them, so that no fence sees the key.
   */
  #checkDeadline(): void {
    const { lane, keys, canPexpiretime } = this.#options;
    if (!canPexpiretime || !lane.up) return;
    const key = keys.checked(++this.#checked);
    lane.send(['GET', key], (reply) => {
      if (reply === null) this.#checkDeadlineOf(key);
    });
    lane.flush();
  }

  #checkDeadlineOf(key: string): void {
    const { lane, clock } = this.#options;
    const ignore = (): void => {};
    let estimate: { deadlineMs: number; errorMs: number } | null = null;
    lane.send(['SET', key, '', 'EX', String(2 * CHECKED_TTL_SECONDS)], ignore);
    const sentMs = clock.nowMs();
    lane.send(['EXPIRE', key, String(CHECKED_TTL_SECONDS)], (reply, receivedMonoMs) => {
      if (reply !== 1) return;
      const repliedMs = clock.fromMono(receivedMonoMs);
      estimate = relativeDeadline(sentMs, repliedMs, CHECKED_TTL_SECONDS * 1000, clock.errorMs);
    });
    lane.send(['PEXPIRETIME', key], (reply) => {
      if (!estimate || typeof reply !== 'number' || reply < 0) return;
      const errorMs = Math.abs(estimate.deadlineMs - clock.fromServer(reply));
      const check = this.deadlineCheck;
      check.sampled++;
      check.worstErrorMs = Math.max(check.worstErrorMs, errorMs);
      check.worstBoundMs = Math.max(check.worstBoundMs, estimate.errorMs);
      check.excessMs = Math.max(check.excessMs, errorMs - estimate.errorMs);
    });
    lane.send(['DEL', key], ignore);
  }
}

function outcomeOf({ tallies }: Ledger, name: OutcomeName): number {
  return tallies.reduce((sum, { outcomes }) => sum + outcomes[name], 0);
}
