import type { Command, CommandKind } from '../ledger/in-flight.ts';
import { LagHistogram } from '../ledger/lag-histogram.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';
import type { Cohort } from '../scenario/scenario.ts';
import { type StoreCommand, stringStore } from '../stores/string.ts';
import type { Plan, Segment } from './plan.ts';
import { RequestQueue } from './request-queue.ts';
import type { WriteLane } from './write-lane.ts';

/** The run's time as the load needs it; see RunClock. */
export interface LoadClock {
  readonly epochMs: number;
  readonly errorMs: number;
  nowMs(): number;
  fromMono(monoMs: number): number;
}

export interface LoadOptions {
  plan: Plan;
  cohorts: readonly Cohort[];
  segment: Segment;
  ledger: Ledger;
  lane: WriteLane;
  clock: LoadClock;
  keyOf: (index: number) => string;
  /** Start of the measurement, in run time. */
  startMs: number;
  durationMs: number;
}

const FILL_WINDOW = 5_000;
/** Work of one turn of the event loop, so that replies are read between. */
const TURN = 500;
const LEFT = -1;
/** The server adds a TTL to its time in whole ms: the fraction cut off is 0.5 ms on average. */
const MEAN_TRUNCATION_MS = 0.5;

/**
 * The load of a plan on one write lane. Open loop: what is planned is sent at its time whatever the server does; a late
 * send is counted from its planned time (`slip`), its deadline from the real one.
 *
 * A visitor requests at planned times: GET, and on its reply the cohort's refresh; finds the session gone, and leaves;
 * or comes to the planned end of the visit, and logs out (DEL) or just leaves.
 */
export class OpenLoop {
  /** Planned time to sending. */
  readonly slip = new LagHistogram();
  /** Error replies by their code, `OOM` for example. */
  readonly errors = new Map<string, number>();
  created = 0;
  /** Sessions whose creation was sent. */
  attempted = 0;
  /** Commands whose reply was lost with the connection. */
  unanswered = 0;
  #stopped = false;
  readonly #options: LoadOptions;
  readonly #queue = new RequestQueue();
  readonly #payload: string;
  readonly #visitEndMs: Float64Array;
  readonly #requests: Uint16Array;
  /** Latest deadline sent, for renew-below. */
  readonly #deadlineMs: Float64Array;

  constructor(options: LoadOptions) {
    this.#options = options;
    const visits = options.cohorts.some(({ activity }) => activity !== null);
    const rows = visits ? options.plan.sessions : 0;
    this.#visitEndMs = new Float64Array(rows);
    this.#requests = new Uint16Array(rows);
    this.#deadlineMs = new Float64Array(rows);
    this.#payload = 'x'.repeat(1024);
  }

  indexOf(row: number): number {
    const { of, index } = this.#options.segment;
    return row * of + index - 1;
  }

  rowOf(index: number): number {
    return Math.floor(index / this.#options.segment.of);
  }

  /** Makes the sessions that are there from the start. Their TTLs count from the start of the measurement. */
  async fill(signal: AbortSignal): Promise<void> {
    const { plan, startMs, lane, clock } = this.#options;
    let sent = 0;
    for (const index of plan.filled()) {
      const nowMs = clock.nowMs();
      if (nowMs > startMs) this.#slipped(nowMs - startMs);
      this.#create(index, Math.max(startMs, nowMs), startMs);
      if (++sent % TURN === 0) {
        await lane.drained(FILL_WINDOW);
        if (signal.aborted || !lane.up) return;
      }
    }
    await lane.drained(1);
  }

  /**
   * Sends what is planned before the end of the load, all of it however late, unless `signal` aborts, or the load has
   * taken twice its time.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { plan, startMs, durationMs, lane, clock } = this.#options;
    const endMs = startMs + durationMs;
    const arrivals = plan.arrivals();
    const arrivalMs = (): number => startMs + arrivals.atMs;
    const nextMs = (): number => Math.min(arrivalMs(), this.#queue.nextAtMs, endMs);
    while (!signal.aborted) {
      const nowMs = clock.nowMs();
      for (let work = 0; work < TURN && nextMs() <= nowMs && nextMs() < endMs; work++) {
        const plannedMs = nextMs();
        this.#slipped(nowMs - plannedMs);
        if (arrivalMs() === plannedMs) {
          this.#create(arrivals.index, nowMs, plannedMs);
          arrivals.advance();
        } else {
          this.#visit(this.#queue.pop(), plannedMs);
        }
      }
      lane.flush();
      if (clock.nowMs() >= (nextMs() === endMs ? endMs : endMs + durationMs)) return;
      await pause(nextMs() - clock.nowMs(), signal);
    }
  }

  /** Sends nothing more, not even the refresh that a reply still to come would call for. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads what is left of a session after the cut-off. */
  ask(row: number, absolute: boolean): void {
    const { keyOf, clock } = this.#options;
    const key = keyOf(this.indexOf(row));
    const command = this.#begin('ask', row, clock.nowMs(), null, 0);
    this.#options.lane.send([absolute ? 'PEXPIRETIME' : 'PTTL', key], (reply, receivedMonoMs) => {
      command.repliedMs = clock.fromMono(receivedMonoMs);
      if (typeof reply !== 'number') {
        command.answer = reply === undefined ? 'unanswered' : 'refused';
        return;
      }
      command.answer = reply === -2 ? 'gone' : 'done';
      if (reply < 0) return;
      const half = (command.repliedMs - command.sentMs) / 2;
      command.deadlineMs = absolute ? reply - clock.epochMs : command.sentMs + half + reply;
      command.deadlineErrorMs = absolute ? 0 : half + clock.errorMs;
    });
  }

  #slipped(lateMs: number): void {
    this.slip.record(Math.round(lateMs * 1000));
  }

  #create(index: number, fromMs: number, plannedMs: number): void {
    const { plan, keyOf, cohorts } = this.#options;
    const row = this.rowOf(index);
    const cohort = cohorts[plan.cohortOf(index)]!;
    const deadlineMs = this.#deadlineFrom(index, cohort, fromMs);
    const command = stringStore.set(keyOf(index), this.#payloadOf(index), this.#unix(deadlineMs));
    this.attempted++;
    this.#send('create', row, command, deadlineMs, (answer) => {
      if (answer === 'done') this.created++;
      else if (cohort.activity) this.#leave(row);
    });
    if (!cohort.activity) return;
    this.#deadlineMs[row] = deadlineMs;
    this.#visitEndMs[row] = plannedMs + plan.visitLengthMs(index);
    this.#planNext(row, plannedMs);
  }

  /** A herd shares one deadline, counted from the start; other TTLs count from the command. */
  #deadlineFrom(index: number, cohort: Cohort, fromMs: number): number {
    const { plan, startMs } = this.#options;
    return Math.round((cohort.ttlMs?.kind === 'together' ? startMs : fromMs) + plan.ttlMs(index));
  }

  #planNext(row: number, afterMs: number): void {
    const { plan } = this.#options;
    const index = this.indexOf(row);
    const nextMs = afterMs + plan.requestGapMs(index, this.#requests[row]!);
    const endMs = this.#visitEndMs[row]!;
    if (nextMs < endMs) this.#queue.push(nextMs, row);
    else if (plan.logsOut(index)) this.#queue.push(endMs, row);
  }

  #leave(row: number): void {
    this.#visitEndMs[row] = LEFT;
  }

  #visit(row: number, atMs: number): void {
    const endMs = this.#visitEndMs[row]!;
    if (endMs === LEFT) return;
    const key = this.#options.keyOf(this.indexOf(row));
    if (atMs >= endMs) {
      this.#leave(row);
      this.#send('logout', row, stringStore.destroy(key), null);
      return;
    }
    this.#requests[row]!++;
    this.#request(row, key);
    this.#planNext(row, atMs);
  }

  #request(row: number, key: string): void {
    const { plan, cohorts, clock } = this.#options;
    const index = this.indexOf(row);
    const { refresh } = cohorts[plan.cohortOf(index)]!;
    const ttlMs = plan.ttlMs(index);
    const leftMs = this.#deadlineMs[row]! - clock.nowMs();
    const renews = refresh.renewBelow === null || leftMs < refresh.renewBelow * ttlMs;
    const stillThere = (answer: Command['answer']): boolean => {
      if (answer === 'gone') this.#leave(row);
      return answer === 'done';
    };
    if (refresh.kind === 'getex' && renews) {
      const deadlineMs = Math.round(clock.nowMs() + ttlMs);
      this.#deadlineMs[row] = deadlineMs;
      this.#send('getex', row, stringStore.getex(key, this.#unix(deadlineMs)), deadlineMs, stillThere);
      return;
    }
    this.#send('read', row, stringStore.read(key), null, (answer) => {
      if (stillThere(answer) && renews && !this.#stopped) this.#refresh(row, key, refresh.kind, ttlMs);
    });
  }

  #refresh(row: number, key: string, kind: Cohort['refresh']['kind'], ttlMs: number): void {
    const { clock } = this.#options;
    const deadlineMs = Math.round(clock.nowMs() + ttlMs);
    if (kind === 'touch') {
      this.#deadlineMs[row] = deadlineMs;
      this.#send('touch', row, stringStore.touch(key, ttlMs), null, () => {}, ttlMs);
    } else if (kind === 'rewrite') {
      this.#deadlineMs[row] = deadlineMs;
      const payload = this.#payloadOf(this.indexOf(row));
      this.#send('rewrite', row, stringStore.set(key, payload, this.#unix(deadlineMs)), deadlineMs);
    }
  }

  #unix(runMs: number): number {
    return runMs + this.#options.clock.epochMs;
  }

  #payloadOf(index: number): string {
    const bytes = this.#options.plan.payloadBytes(index);
    return bytes <= this.#payload.length ? this.#payload.slice(0, bytes) : 'x'.repeat(bytes);
  }

  #begin(kind: CommandKind, row: number, sentMs: number, deadlineMs: number | null, errorMs: number): Command {
    const { ledger, lane, plan } = this.#options;
    const command: Command = {
      kind,
      row,
      order: lane.sent,
      sentMs,
      repliedMs: sentMs,
      answer: null,
      deadlineMs,
      deadlineErrorMs: errorMs,
    };
    ledger.begin(command, plan.cohortOf(this.indexOf(row)));
    return command;
  }

  /** Sends a store's command; `relativeTtlMs` where the deadline is the server's time at execution plus that. */
  #send(
    kind: CommandKind,
    row: number,
    store: StoreCommand,
    deadlineMs: number | null,
    then: (answer: Command['answer']) => void = () => {},
    relativeTtlMs: number | null = null,
  ): void {
    const { lane, clock } = this.#options;
    const command = this.#begin(kind, row, clock.nowMs(), deadlineMs, 0);
    lane.send(store.args, (reply, receivedMonoMs) => {
      command.repliedMs = clock.fromMono(receivedMonoMs);
      command.answer = reply === undefined ? 'unanswered' : store.answer(reply);
      if (reply === undefined) this.unanswered++;
      this.#noteError(reply);
      if (relativeTtlMs !== null) {
        const halfMs = (command.repliedMs - command.sentMs) / 2;
        command.deadlineMs = Math.round(command.sentMs + halfMs - MEAN_TRUNCATION_MS + relativeTtlMs);
        command.deadlineErrorMs = halfMs + clock.errorMs + 2 * MEAN_TRUNCATION_MS;
      }
      then(command.answer);
    });
  }

  #noteError(reply: Reply | undefined): void {
    if (reply instanceof ReplyError) this.errors.set(reply.code, (this.errors.get(reply.code) ?? 0) + 1);
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
