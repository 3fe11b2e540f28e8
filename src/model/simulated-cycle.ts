import { type CycleCosts, type CycleRules, LOOPS_PER_LOOK, loopSeconds, stopShare } from './cycle-rules.ts';
import type { Stretch, SweptTable } from './swept-table.ts';

/** The probability to stop is worked out for so many shares of due keys, and interpolated between them. */
const SHARES = 512;

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
  readonly #onVisit: (part: Readonly<Stretch>, now: number) => void;

  /**
   * @param sampled keys of a loop on average
   * @param draw a number of [0, 1)
   */
  constructor(
    rules: CycleRules,
    costs: CycleCosts,
    sampled: number,
    draw: () => number,
    onVisit: (part: Readonly<Stretch>, now: number) => void,
  ) {
    this.#rules = rules;
    this.#costs = costs;
    this.#sampled = sampled;
    this.#stops = Float64Array.from({ length: SHARES + 1 }, (_, i) => stopShare(rules, sampled, i / SHARES));
    this.#draw = draw;
    this.#onVisit = onVisit;
  }

  /**
   * A slow cycle, and the fast ones before the next: they come after one that ran out of time, twice their own budget apart, for
   * as long as they run out of theirs. The event loop is taken to come round often enough for them, as it does while clients
   * write or events are being sent.
   *
   * @returns when the next slow cycle starts, and whether this one ran out of time
   */
  period(table: SweptTable, start: number): { nextAt: number; isOutOfTime: boolean } {
    const { slowSeconds, fastSeconds, periodSeconds } = this.#rules;
    const slow = this.#cycle(table, start, slowSeconds);
    const nextAt = slow.at + periodSeconds;
    let last = slow;
    for (
      let fastAt = slow.at;
      last.isOutOfTime && fastAt < nextAt;
      fastAt = Math.max(last.at, fastAt + 2 * fastSeconds)
    ) {
      last = this.#cycle(table, fastAt, fastSeconds);
    }
    return { nextAt: Math.max(last.at, nextAt), isOutOfTime: slow.isOutOfTime };
  }

  #cycle(table: SweptTable, start: number, limitSeconds: number): CycleEnd {
    let at = start;
    let loops = 0;
    for (;;) {
      const { front } = table;
      const keys = table.keysOf(front, at);
      const alike = Math.floor((front.share * keys.all) / this.#sampled);
      const run = alike > 1 ? this.#loopsToStop(keys.due / keys.all) : 1;
      const untilLook = this.#loopsUntilLate(loops, limitSeconds - (at - start), keys.due / keys.all);
      const played = Math.min(run, Math.max(1, alike), untilLook);
      const visited = table.visit(played * this.#sampled, at, this.#onVisit);
      if (visited.all < 1e-3) return { at, isOutOfTime: false };
      loops += played;
      at += loopSeconds(visited, this.#costs);
      if (loops % LOOPS_PER_LOOK === 0 && at - start > limitSeconds) return { at, isOutOfTime: true };
      const isLast = alike > 1 ? played === run : this.#draw() < this.#stopShareAt(visited.due / visited.all);
      if (isLast) return { at, isOutOfTime: false };
    }
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
