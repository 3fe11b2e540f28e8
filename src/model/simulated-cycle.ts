import { type CycleCosts, type CycleRules, LOOPS_PER_LOOK, loopSeconds, stopShare } from './cycle-rules.ts';
import type { SweptTable, Visit } from './swept-table.ts';

/** The probability to stop is worked out for so many shares of due keys, and interpolated between them. */
const SHARES = 512;
/** Keys: a table with less has none. */
const EMPTY = 0.5;

interface CycleEnd {
  at: number;
  isOutOfTime: boolean;
}

/**
 * The cycle, played over a `SweptTable`. The loops of a stretch are alike, so that one draw tells which of them is the last.
 */
export class SimulatedCycle {
  readonly #rules: CycleRules;
  readonly #costs: CycleCosts;
  readonly #sampled: number;
  readonly #stops: Float64Array;
  readonly #draw: () => number;
  readonly #onEnd: (visits: readonly Visit[], at: number) => void;

  /**
   * @param sampled keys of a loop on average
   * @param draw a number of [0, 1)
   * @param onEnd is told of each cycle what it visited; what it deleted there is published when it ends
   */
  constructor(
    rules: CycleRules,
    costs: CycleCosts,
    sampled: number,
    draw: () => number,
    onEnd: (visits: readonly Visit[], at: number) => void,
  ) {
    this.#rules = rules;
    this.#costs = costs;
    this.#sampled = sampled;
    this.#stops = Float64Array.from({ length: SHARES + 1 }, (_, i) => stopShare(rules, sampled, i / SHARES));
    this.#draw = draw;
    this.#onEnd = onEnd;
  }

  /**
   * A slow cycle, and the fast ones before the next: the first at once where it ran out of time, others for as long as they run
   * out of theirs.
   *
   * @returns when the next slow cycle starts, and whether this one ran out of time
   */
  period(table: SweptTable, start: number): { nextAt: number; isOutOfTime: boolean } {
    const { slowSeconds, fastSeconds, fastGapSeconds, periodSeconds } = this.#rules;
    const slow = this.#cycle(table, start, slowSeconds);
    table.resize();
    const nextAt = slow.at + periodSeconds;
    let last = slow;
    for (let fastAt = slow.at; last.isOutOfTime && fastAt < nextAt; fastAt += fastGapSeconds) {
      last = this.#cycle(table, Math.max(last.at, fastAt), fastSeconds);
    }
    return { nextAt: Math.max(last.at, nextAt), isOutOfTime: slow.isOutOfTime };
  }

  #cycle(table: SweptTable, start: number, limitSeconds: number): CycleEnd {
    const visits: Visit[] = [];
    const note = (visit: Visit): number => visits.push(visit);
    let at = start;
    let loops = 0;
    let isOutOfTime = false;
    for (let isLast = table.isSparse; !isLast && !isOutOfTime; isLast ||= table.isSparse) {
      const { front } = table;
      const keys = table.keysOf(front, at);
      const dueShare = keys.all === 0 ? 0 : keys.due / keys.all;
      const alike = Math.floor((front.share * keys.all) / this.#sampled);
      const run = alike > 1 ? this.#loopsToStop(dueShare) : 1;
      const untilLook = this.#loopsUntilLate(loops, limitSeconds - (at - start), dueShare);
      const untilSparse = Math.ceil(table.keysUntilSparse / (this.#sampled * dueShare));
      const played = Math.min(run, Math.max(1, alike), untilLook, Math.max(1, untilSparse));
      const visited = table.visit(played * this.#sampled, at, note);
      if (visited.all < EMPTY) break;
      loops += played;
      at += loopSeconds(visited, this.#costs);
      isOutOfTime = loops % LOOPS_PER_LOOK === 0 && at - start > limitSeconds;
      isLast = alike > 1 ? played === run : this.#draw() < this.#stopShareAt(visited.due / visited.all);
    }
    this.#onEnd(visits, at);
    return { at, isOutOfTime };
  }

  /** How many loops there are, with the one that is the cycle's last. */
  #loopsToStop(dueShare: number): number {
    const stops = this.#stopShareAt(dueShare);
    if (stops >= 1) return 1;
    return Math.max(1, Math.ceil(Math.log(1 - this.#draw()) / Math.log1p(-stops)));
  }

  /** Loops to the look at the time that finds the limit passed. */
  #loopsUntilLate(loops: number, leftSeconds: number, dueShare: number): number {
    const perLoop = loopSeconds({ all: this.#sampled, due: this.#sampled * dueShare }, this.#costs);
    const atLeast = loops + Math.max(1, Math.ceil(leftSeconds / perLoop));
    return Math.ceil(atLeast / LOOPS_PER_LOOK) * LOOPS_PER_LOOK - loops;
  }

  #stopShareAt(dueShare: number): number {
    const place = Math.min(dueShare, 1) * SHARES;
    const below = Math.min(SHARES - 1, Math.floor(place));
    const rest = place - below;
    return (1 - rest) * this.#stops[below]! + rest * this.#stops[below + 1]!;
  }
}
