import { DeadlineCounts } from './deadline-counts.ts';
import {
  ANSWERS,
  type Answer,
  type Command,
  type CommandKind,
  type Heard,
  type HeardEvent,
  InFlightTable,
  KINDS,
  mayBePast,
  type Sent,
} from './in-flight.ts';
import type { CauseName, OutcomeName } from './outcome.ts';
import { NEVER_MS, Rows } from './rows.ts';
import { serverOrder } from './server-order.ts';
import type { ServerRules } from './server-rules.ts';
import { Tally } from './tally.ts';
import { type Fact, isOutcome, TRANSITIONS } from './transitions.ts';

/** One life, with or without an end. Times: server's clock, ms from the run's start. */
export interface Life {
  row: number;
  cohort: number;
  deadlineMs: number;
  /** `null` while it has no end. */
  outcome: OutcomeName | null;
  cause: CauseName;
  /** When the event that ended it was heard; where none was, when the reply that told of its end came. */
  endedMs: number | null;
  /** Whether its outcome, cause or deadline could not be decided within the errors. */
  ambiguous: boolean;
}

/** What is known of time at the moment, for judging an event against a deadline. */
export interface TimeBounds {
  /** Bound of the clock's error, ms. */
  clockErrorMs: number;
  /** When the fence heard last had been published: what is heard now was published after it. */
  fencePublishedMs: number;
  /** Its delivery delay, ms. */
  latestDeliveryMs: number;
}

/** A key reads as gone when the server's clock, in whole ms, is past its deadline. */
const PAST_MS = 1;

/**
 * A provoked expiry may still have been the cycle's, if the cycle came by between our sending and the reply. A key
 * that has waited w for the cycle meets it at a rate of about 1/w, so the odds are window/w; above this share the
 * cause counts as ambiguous.
 */
const AMBIGUOUS_CAUSE_ODDS = 0.05;

const NO_EVENTS: readonly Heard[] = [];

/** A row's deadline while none is known: the run's time 0 is before any. */
const UNSET_MS = 0;

/** Where the commands of a kind with an answer are counted. */
export const REQUEST_AT = Object.fromEntries(
  KINDS.map((kind, at) => [
    kind,
    Object.fromEntries(ANSWERS.map((answer, beyond) => [answer, at * ANSWERS.length + beyond])),
  ]),
) as Record<CommandKind, Record<Answer, number>>;

/**
 * The table of every session, and the law: attempted = creates + resurrections = the sum of the outcomes, in each
 * cohort. Facts come from replies and events; their order is made by fences (see `InFlightTable`), and what each fact
 * does to a life is told by `TRANSITIONS` alone.
 */
export class Ledger {
  readonly rows: Rows;
  readonly tallies: readonly Tally[];
  readonly inFlight: InFlightTable;
  /** Deadlines of the lives in memory. */
  readonly deadlines: DeadlineCounts;
  /** Commands that are final, in shared memory: see `REQUEST_AT`. */
  readonly requests = new Float64Array(
    new SharedArrayBuffer(KINDS.length * ANSWERS.length * Float64Array.BYTES_PER_ELEMENT),
  );
  /** Times in which events may have been missed; `toMs` is Infinity while it lasts. */
  readonly gaps: { fromMs: number; toMs: number }[] = [];
  /** Lives that have begun and not ended. */
  present = 0;
  /** Of these, lives without a deadline: their keys have no TTL. */
  lasting = 0;
  /** Of these, lives that a command of ours may have ended in silence. */
  open = 0;
  /** Facts that fit no life: someone else's doing, or a server that we do not understand. */
  strays = 0;
  /** Events before the deadline in force by more than the error, with no earlier life to belong to. */
  readonly tooEarly = { count: 0, worstMs: 0 };
  /** Of these lives the server could not be asked what had become of them. */
  unasked = 0;
  /** Gets each read that is final and found no field, from which alone no end follows. */
  onAbsent: (read: Command) => void = () => {};
  /** Start of the measurement: what was made before is there, and nobody's request. */
  measuredFromMs = 0;
  bounds: TimeBounds = { clockErrorMs: 0, fencePublishedMs: 0, latestDeliveryMs: 0 };
  readonly #rules: ServerRules;
  /** Whether another order of the commands and events that are being settled is as good. */
  #orderIsOpen = false;
  #cutOffMs: number | null = null;
  readonly #pastLives: Life[] = [];
  /** The second deadline that an `unsure` session may have. */
  readonly #otherDeadline = new Map<number, { deadlineMs: number; errorMs: number }>();

  /**
   * @param sessions rows of the ledger
   * @param cohorts number of cohorts; a row's cohort is set by `begin`
   * @param lengthMs time of the run within which a deadline can pass
   */
  constructor(sessions: number, cohorts: number, rules: ServerRules, lengthMs: number) {
    this.#rules = rules;
    this.deadlines = DeadlineCounts.create(cohorts, lengthMs);
    this.rows = new Rows(sessions);
    this.inFlight = new InFlightTable(this.rows);
    this.tallies = Array.from({ length: cohorts }, () => new Tally());
  }

  /** A command was sent. A `create` counts as attempted from here on. @returns its handle, for its answer */
  begin(sent: Sent, cohort: number): number {
    if (sent.kind === 'create') {
      this.rows.cohort[sent.row] = cohort;
      this.tallies[cohort]!.counts.attempted++;
    }
    return this.inFlight.add(sent);
  }

  /** What became of a command; final only with a fence. */
  answered(handle: number, answer: Answer, repliedMs: number, clockErrorMs: number = this.bounds.clockErrorMs): void {
    this.inFlight.answered(handle, answer, repliedMs, clockErrorMs);
  }

  /** An event about a session was heard at `atMs`; `by` is a final command that has provoked it. */
  heard(row: number, event: HeardEvent, atMs: number, by: Command | null = null): void {
    if (this.#cutOffMs !== null && event === 'new') return;
    const heard = { event, atMs, afterMs: this.bounds.fencePublishedMs };
    if (!this.inFlight.hold(row, heard)) this.#applyEvent(row, heard, by);
  }

  /** Something about the row's life cannot be decided within the errors; each life counts once. */
  leaveOpen(row: number): void {
    if (this.rows.isAmbiguous(row)) return;
    this.rows.setAmbiguous(row, true);
    this.#tally(row).counts.ambiguous++;
  }

  /** The session was found to be gone, and no event told of its end. */
  vanished(row: number, atMs: number): void {
    if (!this.#ended(row)) this.#goneWithoutEvent(row, atMs);
  }

  /** A fence sent at `order` in the write lane was heard, and its reply has come: all before it is final. */
  fence(order: number): void {
    this.inFlight.release(order, this.#settleAlone, this.#settleTogether);
  }

  readonly #settleAlone = (command: Command): void => {
    this.#orderIsOpen = false;
    this.#settle(command, NO_EVENTS);
  };

  readonly #settleTogether = (row: number, commands: readonly Command[], events: Heard[]): void => {
    const state = this.rows.state(row);
    const exists = state !== 'planned' && !isOutcome(state);
    const unsure = state === 'unsure' || state === 'open';
    const deadlineMs = this.rows.deadlineMs[row]!;
    const before = { exists, unsure, deadlineMs, deadlineErrorMs: this.rows.deadlineErrorMs(row) };
    const { clockErrorMs, latestDeliveryMs } = this.bounds;
    const rules = { ...this.#rules, clockErrorMs, latestDeliveryMs };
    const { taken, ambiguous } = serverOrder(commands, events, before, rules);
    this.#orderIsOpen = ambiguous;
    if (ambiguous) this.leaveOpen(row);
    for (const [position, command] of commands.entries()) this.#settle(command, events.splice(0, taken[position]));
    for (const heard of events.splice(0)) this.#applyEvent(row, heard, null);
  };

  /**
   * From here on outcomes are judged as of `atMs`: an end that is heard later shows that the key was in memory then.
   * Everything sent before must be final.
   */
  cutOff(atMs: number): void {
    this.#cutOffMs = atMs;
  }

  /** Time has come to `nowMs`; not beyond the cut-off. */
  advance(nowMs: number): void {
    this.deadlines.advance(Math.min(nowMs, this.#cutOffMs ?? nowMs));
  }

  /** Rows whose life has no end yet, ascending. */
  *withoutEnd(): Iterable<number> {
    for (let row = 0; row < this.rows.count; row++) {
      const state = this.rows.state(row);
      if (state !== 'planned' && !isOutcome(state)) yield row;
    }
  }

  /** The server cannot be asked about what is left: it ends as `unknown`. */
  giveUp(): void {
    for (const row of this.withoutEnd()) this.#apply(row, 'unasked', 'none', this.#cutOffMs);
  }

  /** Every life begun, ended ones of resurrected sessions first. */
  *lives(): Iterable<Life> {
    yield* this.#pastLives;
    for (let row = 0; row < this.rows.count; row++) if (this.rows.state(row) !== 'planned') yield this.#life(row);
  }

  /** Cohorts (by position) whose sum of outcomes is not what was attempted. Empty when the law holds. */
  brokenCohorts(): number[] {
    return this.tallies.flatMap((tally, cohort) => (tally.lawHolds() ? [] : [cohort]));
  }

  #tally(row: number): Tally {
    return this.tallies[this.rows.cohort[row]!]!;
  }

  #life(row: number): Life {
    const state = this.rows.state(row);
    return {
      row,
      cohort: this.rows.cohort[row]!,
      deadlineMs: this.rows.deadlineMs[row]!,
      outcome: isOutcome(state) ? state : null,
      cause: this.rows.cause(row),
      endedMs: this.rows.heardMs(row),
      ambiguous: this.rows.isAmbiguous(row),
    };
  }

  /** Folds one final command into its session's life, with the events that came before it or are its own doing. */
  #settle(command: Command, events: readonly Heard[]): void {
    const { row, kind, answer } = command;
    this.requests[REQUEST_AT[kind][answer ?? 'unanswered']]!++;
    for (const heard of events) this.#applyEvent(row, heard, command);
    if (answer === 'unanswered' || answer === null) {
      this.#settleUnanswered(command);
      return;
    }
    switch (kind) {
      case 'create':
        if (answer === 'done') this.#moved(command, this.#mayBeDropped(command) ? 'moved-past' : 'created');
        else this.#apply(row, 'refused', 'none', null);
        return;
      case 'sweep':
      case 'read':
        if (answer === 'done') this.#seen(command, 'present');
        else if (answer === 'gone') this.#foundGone(command);
        else if (answer === 'absent') this.#foundAbsent(command);
        return;
      case 'touch':
        if (answer === 'done') this.#moved(command, 'moved');
        else if (answer === 'gone') this.#foundGone(command);
        return;
      case 'getex':
        if (answer === 'done') this.#moved(command, this.#mayBePast(command) ? 'moved-past' : 'moved');
        else if (answer === 'gone') this.#foundGone(command);
        return;
      case 'rewrite':
        if (answer === 'done') this.#rewritten(command, events);
        else if (answer === 'gone') this.#foundGone(command);
        return;
      case 'logout':
        if (answer === 'done') this.#apply(row, 'deleted', 'logout', command.repliedMs);
        else if (answer === 'gone') this.#foundGone(command);
        return;
      case 'ask':
        if (answer === 'done') this.#asked(command);
        else if (answer === 'gone') this.#foundGone(command);
        else this.#apply(row, 'unasked', 'none', command.repliedMs);
        return;
      default:
        kind satisfies never;
    }
  }

  #settleUnanswered(command: Command): void {
    const { row, kind } = command;
    if (kind === 'read' || kind === 'sweep') return;
    if (this.#ended(row)) {
      // Of a rewrite nobody knows whether another life began.
      if (kind === 'rewrite') this.leaveOpen(row);
      return;
    }
    if (kind === 'ask') {
      this.#apply(row, 'unasked', 'none', command.sentMs);
      return;
    }
    if (command.deadlineMs !== null) {
      if (kind === 'create') this.#setDeadline(command);
      else this.#otherDeadline.set(row, { deadlineMs: command.deadlineMs, errorMs: command.deadlineErrorMs });
    }
    this.#apply(row, 'unanswered', 'none', null);
    this.leaveOpen(row);
  }

  #setDeadline(command: Command): void {
    this.#giveDeadline(command.row, command.deadlineMs!, command.deadlineErrorMs);
  }

  /** To a life that has begun and not ended. */
  #giveDeadline(row: number, deadlineMs: number, errorMs: number): void {
    if (this.rows.deadlineMs[row] === NEVER_MS) this.lasting--;
    if (deadlineMs === NEVER_MS) this.lasting++;
    const before = this.rows.deadlineMs[row]!;
    this.rows.setDeadline(row, deadlineMs, errorMs);
    if (!this.rows.isPresent(row)) return;
    const cohort = this.rows.cohort[row]!;
    this.deadlines.remove(cohort, countedAs(before));
    this.deadlines.add(cohort, deadlineMs);
  }

  #seen(command: Command, fact: Fact): boolean {
    if (!this.#apply(command.row, fact, 'none', null)) return false;
    this.rows.lastSeenMs[command.row] = Math.max(0, command.sentMs);
    return true;
  }

  #moved(command: Command, fact: 'created' | 'moved' | 'moved-past'): void {
    if (!this.#seen(command, fact)) return;
    if (command.kind === 'create') this.rows.createdMs[command.row] = Math.max(0, command.sentMs);
    this.#setDeadline(command);
    this.#otherDeadline.delete(command.row);
  }

  /** GETEX with a deadline that was already past when the server came to it deletes the key. */
  #mayBePast(command: Command): boolean {
    return mayBePast(command, this.bounds.clockErrorMs);
  }

  /** So does SET on some servers. */
  #mayBeDropped(command: Command): boolean {
    return this.#rules.dropsPast && this.#mayBePast(command);
  }

  /** A reply showed no key. If no event has told of the life's end by now, it was lost, or the event missed. */
  #foundGone(command: Command): void {
    const { row } = command;
    if (!this.#ended(row)) this.#goneWithoutEvent(row, command.repliedMs);
    if (command.kind === 'ask' || command.kind === 'sweep') return;
    if (command.kind !== 'logout') this.foundGone(row, command.repliedMs);
  }

  #foundAbsent(command: Command): void {
    this.foundGone(command.row, command.repliedMs);
    this.onAbsent(command);
  }

  /** A request was turned away by its store, which held the session too old: never before its deadline. */
  turnedAway(row: number): void {
    this.#tally(row).counts.foundGone++;
  }

  /** A request found by a reply that its session is gone. */
  foundGone(row: number, toldMs: number): void {
    const state = this.rows.state(row);
    if (state === 'refused') return;
    const tally = this.#tally(row);
    tally.counts.foundGone++;
    const early = this.rows.deadlineMs[row]! - this.rows.deadlineErrorMs(row) - this.bounds.clockErrorMs;
    if (state !== 'logged_out' && toldMs < early) tally.counts.foundGoneEarly++;
  }

  #goneWithoutEvent(row: number, toldMs: number): void {
    const isInGap = this.#gapSince(this.rows.lastSeenMs[row]!, toldMs);
    this.#apply(row, isInGap ? 'gone-in-gap' : 'gone', 'refresh', Math.min(toldMs, this.#cutOffMs ?? toldMs));
  }

  #gapSince(sinceMs: number, untilMs: number): boolean {
    const { clockErrorMs } = this.bounds;
    return this.gaps.some(({ fromMs, toMs }) => fromMs <= untilMs + clockErrorMs && toMs >= sinceMs - clockErrorMs);
  }

  /** SET answers OK whatever it found: it made a new key if the life had ended by then, or if a `new` event says so. */
  #rewritten(command: Command, events: readonly Heard[]): void {
    const { row } = command;
    const isNew = events.some(({ event }) => event === 'new');
    const mayBeDropped = !isNew && this.#mayBeDropped(command);
    if (isNew && !this.#ended(row)) this.#goneWithoutEvent(row, command.repliedMs);
    if (this.#ended(row)) {
      if (!mayBeDropped) this.#reborn(command);
      return;
    }
    // A key that may have been gone was then made anew, and only `new` could tell.
    if (!this.#rules.tellsNew && this.rows.state(row) !== 'live') this.leaveOpen(row);
    this.#moved(command, mayBeDropped ? 'moved-past' : 'moved');
  }

  #reborn(command: Command): void {
    const { row } = command;
    const past = this.#life(row);
    if (!this.#apply(row, 'reborn', 'none', null)) return;
    this.#pastLives.push(past);
    this.#otherDeadline.delete(row);
    const tally = this.#tally(row);
    tally.counts.attempted++;
    tally.counts.resurrected++;
    this.rows.generation[row] = Math.min(255, this.rows.generation[row]! + 1);
    this.rows.setHeard(row, null);
    this.rows.setCause(row, 'none');
    this.rows.setAmbiguous(row, false);
    this.rows.deadlineMs[row] = UNSET_MS;
    if (this.#orderIsOpen) this.leaveOpen(row);
    this.rows.createdMs[row] = Math.max(0, command.sentMs);
    this.rows.lastSeenMs[row] = Math.max(0, command.sentMs);
    this.#setDeadline(command);
  }

  /**
   * What was found after the cut-off: the deadline that we set, or another one, or none. A key that is still there is
   * not past its deadline.
   */
  #asked(command: Command): void {
    const { row, deadlineErrorMs } = command;
    const deadlineMs = command.deadlineMs ?? NEVER_MS;
    const set = { deadlineMs: this.rows.deadlineMs[row]!, errorMs: this.rows.deadlineErrorMs(row) };
    const other = this.#otherDeadline.get(row);
    const ours = (other ? [set, other] : [set]).find(
      (own) => Math.abs(deadlineMs - own.deadlineMs) <= deadlineErrorMs + own.errorMs + 1,
    );
    if (ours && deadlineErrorMs < ours.errorMs) this.#setDeadline(command);
    else if (ours) this.#giveDeadline(row, ours.deadlineMs, ours.errorMs);
    else if (deadlineMs === NEVER_MS) this.#tally(row).counts.withoutTtl++;
    this.#apply(row, ours ? 'kept' : 'altered', 'none', null);
  }

  /** An end heard, judged against the deadline in force; `by` is a command of ours that may have provoked it. */
  #applyEvent(row: number, heard: Heard, by: Command | null): void {
    const { event, atMs } = heard;
    if (event === 'new') return;
    if (this.#ended(row) || this.rows.state(row) === 'planned') {
      if (this.#cutOffMs === null) this.strays++;
      return;
    }
    if (this.#cutOffMs !== null) {
      this.#wasThere(row, this.#cutOffMs);
      return;
    }
    if (event === 'evicted') {
      this.#apply(row, this.#evictedWhen(row, heard), 'none', atMs);
      return;
    }
    const { clockErrorMs } = this.bounds;
    const { leastLagMs } = this.#rules;
    let errorMs = this.rows.deadlineErrorMs(row) + clockErrorMs;
    const other = this.#otherDeadline.get(row);
    if (other !== undefined && atMs >= other.deadlineMs + leastLagMs - other.errorMs - clockErrorMs) {
      this.#giveDeadline(row, other.deadlineMs, other.errorMs);
      this.leaveOpen(row);
      errorMs = other.errorMs + clockErrorMs;
    }
    const earlyMs = this.rows.deadlineMs[row]! + leastLagMs - atMs;
    if (earlyMs > errorMs) {
      if (this.#gapSince(this.rows.createdMs[row]!, Number.POSITIVE_INFINITY)) {
        this.#apply(row, 'gone-in-gap', 'none', atMs);
        return;
      }
      this.tooEarly.count++;
      this.tooEarly.worstMs = Math.max(this.tooEarly.worstMs, earlyMs);
      this.#apply(row, 'expired-too-early', 'none', atMs);
      return;
    }
    this.#apply(row, 'expired', this.#causeOf(row, atMs, by), atMs);
  }

  /** An end that is heard after the cut-off: at the cut-off the key was in memory, past its deadline or not. */
  #wasThere(row: number, cutOffMs: number): void {
    const overdueMs = Math.floor(cutOffMs) - this.rows.deadlineMs[row]!;
    const errorMs = this.rows.deadlineErrorMs(row);
    if (errorMs > 0 && Math.abs(overdueMs) <= errorMs) this.leaveOpen(row);
    this.#apply(row, overdueMs > 0 ? 'overdue' : 'kept', 'none', null);
  }

  #causeOf(row: number, atMs: number, by: Command | null): CauseName {
    if (this.rows.state(row) === 'open') {
      this.leaveOpen(row);
      return 'command';
    }
    if (!by || atMs < by.sentMs - this.bounds.clockErrorMs) return 'cycle';
    const windowMs = by.repliedMs - by.sentMs + this.bounds.latestDeliveryMs;
    const waitedMs = atMs - this.rows.deadlineMs[row]!;
    if (windowMs > AMBIGUOUS_CAUSE_ODDS * waitedMs) this.leaveOpen(row);
    return 'command';
  }

  /** Was the key evicted before its deadline, or after? It was published after one fence and before it was heard. */
  #evictedWhen(row: number, { atMs, afterMs }: Heard): Fact {
    const { latestDeliveryMs, clockErrorMs } = this.bounds;
    const errorMs = this.rows.deadlineErrorMs(row) + clockErrorMs;
    const pastMs = this.rows.deadlineMs[row]! + PAST_MS;
    if (atMs + errorMs < pastMs) return 'evicted-early';
    if (afterMs - errorMs >= pastMs) return 'evicted-stale';
    this.leaveOpen(row);
    this.#tally(row).counts.evictedAmbiguous++;
    return atMs - latestDeliveryMs < pastMs ? 'evicted-early' : 'evicted-stale';
  }

  #ended(row: number): boolean {
    return isOutcome(this.rows.state(row));
  }

  /** Takes one transition of the table; counts a fact that has none as stray and says so. */
  #apply(row: number, fact: Fact, cause: CauseName, endedMs: number | null): boolean {
    const from = this.rows.state(row);
    const to = TRANSITIONS[from][fact];
    if (to === undefined) {
      this.strays++;
      return false;
    }
    this.rows.setState(row, to);
    if (from === 'open') this.open--;
    if (to === 'open') this.open++;
    const began = from === 'planned' || fact === 'reborn';
    if (began && !isOutcome(to)) {
      this.present++;
      const deadlineMs = from === 'planned' ? this.rows.deadlineMs[row]! : UNSET_MS;
      this.deadlines.add(this.rows.cohort[row]!, countedAs(deadlineMs));
    }
    if (!isOutcome(to)) return true;
    if (!began) {
      this.present--;
      const deadlineMs = this.rows.deadlineMs[row]!;
      if (deadlineMs === NEVER_MS) this.lasting--;
      this.deadlines.remove(this.rows.cohort[row]!, countedAs(deadlineMs));
    }
    if (to === 'logged_out' && from === 'open') this.leaveOpen(row);
    if (fact === 'unasked') this.unasked++;
    this.rows.setCause(row, to === 'expired' || to === 'logged_out' ? cause : 'none');
    this.rows.setHeard(row, endedMs);
    this.#count(row, to, endedMs);
    return true;
  }

  #count(row: number, outcome: OutcomeName, endedMs: number | null): void {
    const tally = this.#tally(row);
    const deadlineMs = this.rows.deadlineMs[row]!;
    const untilMs = this.#cutOffMs ?? endedMs ?? 0;
    const due = deadlineMs <= untilMs;
    const lastSeenMs = this.rows.lastSeenMs[row]!;
    switch (outcome) {
      case 'expired':
        tally.expired(endedMs! - deadlineMs, this.rows.cause(row) === 'command' ? 'command' : 'cycle');
        return;
      case 'evicted_stale':
        tally.evictedStale(Math.max(0, endedMs! - deadlineMs));
        return;
      case 'stale':
        tally.stale(untilMs - deadlineMs);
        return;
      case 'unknown':
        tally.unknown(due ? this.#followUpMs(row, untilMs) : null);
        return;
      case 'lost':
        tally.lost(due);
        return;
      case 'evicted_early':
        tally.evictedEarly({
          remainingMs: deadlineMs === NEVER_MS ? null : Math.max(0, deadlineMs - endedMs!),
          ageMs: Math.max(0, endedMs! - this.rows.createdMs[row]!),
          idleMs: lastSeenMs < this.measuredFromMs ? null : Math.max(0, endedMs! - lastSeenMs),
        });
        return;
      case 'logged_out':
      case 'alive':
      case 'refused':
        tally.count(outcome);
        return;
      default:
        outcome satisfies never;
    }
  }

  /** How long past its deadline a session of unknown end was still followed: to the first gap since it was seen. */
  #followUpMs(row: number, untilMs: number): number {
    const sinceMs = this.rows.lastSeenMs[row]!;
    const blind = this.gaps.filter(({ toMs }) => toMs >= sinceMs).map(({ fromMs }) => Math.max(fromMs, sinceMs));
    return Math.max(0, Math.min(untilMs, ...blind) - this.rows.deadlineMs[row]!);
  }
}

function countedAs(deadlineMs: number): number {
  return deadlineMs === UNSET_MS ? NEVER_MS : deadlineMs;
}
