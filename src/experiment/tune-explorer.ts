import { type Cost, cheapest, costOf, costOfOne, type Measured, shortfallOf } from './tune-cost.ts';
import { changesOf, type Point, presentPoint, type SearchAxis, withLevel } from './tune-space.ts';

/** A short run; `null`: these settings cannot be measured. */
export type Try = (point: Point, why: string) => Promise<Measured | null>;

/** What is known of a point from its short run. */
export interface Trial {
  point: Point;
  measured: Measured | null;
  /** 0: it meets the goals. */
  shortfall: number;
  cost: Cost;
}

const PRESENT_RUNS = 2;

/** Finds its way by short runs, no two at the same point but for the present settings, and no more than it may. */
export class Explorer {
  readonly #axes: readonly SearchAxis[];
  readonly #run: Try;
  readonly #mayRun: () => boolean;
  readonly #trials = new Map<string, Trial>();
  /** The way on each axis that was seen to bring the goals nearer: 1, -1, or 0 when none was. */
  readonly #nearer: number[];
  /** Short runs of the present settings: they tell how far runs under the same settings differ. */
  readonly presentRuns: Measured[] = [];

  /** @param mayRun whether there is a run left for it */
  constructor(axes: readonly SearchAxis[], run: Try, mayRun: () => boolean) {
    this.#axes = axes;
    this.#run = run;
    this.#mayRun = mayRun;
    this.#nearer = axes.map(() => 0);
  }

  /** @returns false when the present settings cannot be measured, so that there is nothing to compare with */
  async explore(): Promise<boolean> {
    const present = await this.#tryPresent();
    if (present === null) return false;
    const reached = await this.#reach(present);
    if (reached.shortfall > 0) return true;
    for (const axis of this.#axes.keys()) await this.#along(present, axis);
    for (let before: Trial | null = null; this.best() !== before; ) {
      before = this.best();
      await this.#simplify(before);
      await this.#refine(this.best());
    }
    return true;
  }

  /** The cheapest that meets the goals; where none does, the one that comes nearest. */
  best(): Trial {
    const trials = [...this.#trials.values()];
    const least = Math.min(...trials.map(({ shortfall }) => shortfall));
    return cheapest(trials.filter(({ shortfall }) => shortfall === least))!;
  }

  /** Those that meet the goals, the cheapest first; where none does, the one that comes nearest. */
  ranked(): Trial[] {
    const meeting = [...this.#trials.values()].filter(({ shortfall }) => shortfall === 0);
    if (meeting.length === 0) return [this.best()];
    const ranked: Trial[] = [];
    while (meeting.length > 0) ranked.push(...meeting.splice(meeting.indexOf(cheapest(meeting)!), 1));
    return ranked;
  }

  /** `null`: there was none. */
  trialAt(point: Point): Trial | null {
    return this.#trials.get(point.join()) ?? null;
  }

  /** The trial at a point, made now if it can be. `null`: there is no such point, or no run left for it. */
  async try(point: Point, why: string): Promise<Trial | null> {
    const known = this.trialAt(point);
    if (known) return known;
    const exists = point.every((level, axis) => this.#axes[axis]!.levels[level] !== undefined);
    return exists && this.#mayRun() ? this.#keep(point, await this.#run(point, why)) : null;
  }

  /** The same point with the present value of one setting. */
  async tryWithout(point: Point, axis: number): Promise<Trial | null> {
    const { setting, present } = this.#axes[axis]!;
    return await this.try(withLevel(point, axis, present), `without ${setting}`);
  }

  async #tryPresent(): Promise<Trial | null> {
    const point = presentPoint(this.#axes);
    while (this.presentRuns.length < PRESENT_RUNS) {
      const measured = await this.#run(point, 'present settings');
      if (measured === null) return null;
      this.presentRuns.push(measured);
    }
    return this.#keep(point, this.presentRuns[0]!);
  }

  /** Axis after axis is set to what comes nearest to the goals, until they are met. */
  async #reach(present: Trial): Promise<Trial> {
    let best = present;
    for (const axis of this.#axes.keys()) {
      if (best.shortfall === 0) break;
      best = await this.#along(best, axis);
    }
    return best;
  }

  /** Takes back each change that is not missed. */
  async #simplify(from: Trial): Promise<void> {
    let best = from;
    for (const axis of changesOf(from.point, this.#axes)) {
      const trial = await this.tryWithout(best.point, axis);
      if (trial !== null && this.#isBetter(trial, best)) best = trial;
    }
  }

  /**
   * A step back towards the present settings, alone or against a step ahead on another axis; then a step ahead, for want
   * of which the full runs might fall short.
   */
  async #refine(best: Trial): Promise<void> {
    const { point } = best;
    for (const axis of changesOf(point, this.#axes)) {
      const { ordered, present } = this.#axes[axis]!;
      if (!ordered) continue;
      const stepped = withLevel(point, axis, point[axis]! + Math.sign(present - point[axis]!));
      await this.try(stepped, this.#describe(stepped));
      for (const [other, nearer] of this.#nearer.entries()) {
        if (other === axis || nearer === 0) continue;
        const exchanged = withLevel(stepped, other, stepped[other]! + nearer);
        await this.try(exchanged, this.#describe(exchanged));
      }
    }
    for (const [axis, nearer] of this.#nearer.entries()) {
      if (nearer !== 0) await this.#tryLevel(best, axis, point[axis]! + nearer);
    }
  }

  /** The best on the line through a point along one axis. */
  async #along(from: Trial, axis: number): Promise<Trial> {
    if (!this.#axes[axis]!.ordered) return await this.#tryEach(from, axis);
    return from.shortfall === 0 ? await this.#descend(from, axis) : await this.#ascend(from, axis);
  }

  async #tryEach(from: Trial, axis: number): Promise<Trial> {
    let best = from;
    for (const level of this.#axes[axis]!.levels.keys()) {
      const trial = await this.#tryLevel(from, axis, level);
      if (trial !== null && this.#isBetter(trial, best)) best = trial;
    }
    return best;
  }

  /** From a point that fails: to the end of the axis that is nearer to the goals, and back as far as they are met. */
  async #ascend(from: Trial, axis: number): Promise<Trial> {
    const here = from.point[axis]!;
    const ends = [this.#axes[axis]!.levels.length - 1, 0].filter((level) => level !== here);
    for (const end of ends) {
      const trial = await this.#tryLevel(from, axis, end);
      if (trial === null || !this.#isNearer(trial, from)) continue;
      this.#nearer[axis] = Math.sign(end - here);
      return trial.shortfall === 0 ? await this.#bisect(from, trial, axis) : trial;
    }
    return from;
  }

  /** Between a point that fails and one that meets the goals: the one nearest to the first that meets them. */
  async #bisect(fails: Trial, meets: Trial, axis: number): Promise<Trial> {
    let [low, high, best] = [fails.point[axis]!, meets.point[axis]!, meets];
    while (Math.abs(high - low) > 1) {
      const level = Math.trunc((low + high) / 2);
      const trial = await this.#tryLevel(meets, axis, level);
      if (trial === null) break;
      if (trial.shortfall === 0) [high, best] = [level, trial];
      else low = level;
    }
    return best;
  }

  /** From a point that meets the goals, steps one way or the other for as long as they make it cheaper. */
  async #descend(from: Trial, axis: number): Promise<Trial> {
    let best = from;
    for (const step of [-1, 1]) {
      for (;;) {
        const trial = await this.#tryLevel(best, axis, best.point[axis]! + step);
        if (trial === null || !this.#isBetter(trial, best)) break;
        best = trial;
      }
      if (best !== from) break;
    }
    return best;
  }

  #tryLevel({ point }: Trial, axis: number, level: number): Promise<Trial | null> {
    const moved = withLevel(point, axis, level);
    return this.try(moved, this.#describe(moved));
  }

  #isBetter(one: Trial, other: Trial): boolean {
    if (one.shortfall > 0 || other.shortfall > 0) return this.#isNearer(one, other);
    return one !== other && cheapest([other, one]) === one;
  }

  /** By more than runs under the same settings differ, or all the way. */
  #isNearer(one: Trial, other: Trial): boolean {
    if (one.shortfall === 0) return other.shortfall > 0;
    const [first, second] = this.presentRuns.map((run) => shortfallOf(run, this.presentRuns[0]!));
    const noise = first === second ? 0 : Math.abs(first! - second!);
    return one.shortfall < other.shortfall - noise;
  }

  #keep(point: Point, measured: Measured | null): Trial {
    const changes = changesOf(point, this.#axes).length;
    const trial: Trial = {
      point,
      measured,
      shortfall: measured === null ? Number.POSITIVE_INFINITY : shortfallOf(measured, this.presentRuns[0]!),
      cost: measured === null ? costOf([], changes) : costOfOne(measured, changes, this.presentRuns),
    };
    this.#trials.set(point.join(), trial);
    return trial;
  }

  #describe(point: Point): string {
    const changes = changesOf(point, this.#axes).map((axis) => {
      const { setting, levels } = this.#axes[axis]!;
      return `${setting} ${levels[point[axis]!]}`;
    });
    return changes.length === 0 ? 'present settings' : changes.join(', ');
  }
}
