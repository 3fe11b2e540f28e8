/**
 * The search for settings, which asks for runs and is told what they measured:
 *
 *     present settings, twice ──► reach ──► alternatives ──► simplify ⇄ refine ──► confirm ──► effects
 *                                   └── nothing meets the goals ───────────────────────┘
 *
 * - present settings: the two runs tell how far runs under the same settings differ
 * - reach: axis after axis is set to what comes nearest to the goals, until they are met
 * - alternatives: each axis alone, from the present settings: other ways, with one change
 * - simplify: of the cheapest that meets the goals, each change is taken back; what is not missed stays so
 * - refine: a step back towards the present settings, alone or against a step ahead on another axis; a step ahead
 * - confirm: full runs of the cheapest few and of the present settings, in a new order each round; what fails drops out
 * - effects: short runs of the settings that were found, without each of their changes
 *
 * All but confirm is done by short runs, no more than the budget leaves for them.
 */
import { orderOf } from './order.ts';
import { type Cost, cheapest, costOf, type Measured, shortfallOf } from './tune-cost.ts';
import { Explorer, type Trial } from './tune-explorer.ts';
import { changesOf, type Point, presentPoint, type SearchAxis } from './tune-space.ts';

export interface RunRequest {
  length: 'short' | 'full';
  point: Point;
  /** What it is to tell. */
  why: string;
}

export interface Answer {
  /** `null`: these settings cannot be measured. */
  measured: Measured | null;
  /** How many runs it took. */
  runs: number;
}

export interface SearchOptions {
  /** Most runs, of both lengths; at least `leastBudget(repeats)`. */
  budget: number;
  /** Full runs of what is confirmed. */
  repeats: number;
  /** Decides the order in which full runs come. */
  seed: number;
  /** May throw, which ends the search. */
  measure: (request: RunRequest) => Promise<Answer>;
}

/** Settings, and the full runs under them: fewer than asked for where one fell short of the goals. */
export interface Confirmation {
  point: Point;
  runs: Measured[];
  /** In each of them. */
  met: boolean;
  cost: Cost;
}

/** What a change does: short runs of the settings without it. `null`: not measured. */
export interface Effect {
  axis: number;
  without: Measured | null;
}

export interface Found {
  /** Meets the goals in each full run, and nothing that does costs less; `null`: nothing does. */
  chosen: Confirmation | null;
  present: Confirmation;
  /** What was confirmed or not beside the present settings. */
  candidates: Confirmation[];
  /** By short runs: the chosen, else what came nearest; and the present settings. */
  nearest: Trial;
  presentRuns: readonly Measured[];
  /** Of each change of the chosen settings, where there are several. */
  effects: Effect[];
}

const FINALISTS = 2;
/** Present settings twice, and one other. */
export const FEWEST_SHORT_RUNS = 3;

/** Fewest runs with which anything can be found and confirmed. */
export function leastBudget(repeats: number): number {
  return FEWEST_SHORT_RUNS + 2 * repeats;
}

/** @returns `null` when the present settings cannot be measured: there is nothing to compare with */
export async function search(axes: readonly SearchAxis[], options: SearchOptions): Promise<Found | null> {
  const { budget, repeats } = options;
  const finalists = Math.min(FINALISTS, Math.floor((budget - FEWEST_SHORT_RUNS) / repeats) - 1);
  let left = budget;
  /** Runs that are kept for the confirmation. */
  let kept = repeats * (finalists + 1);
  const ask = async (request: RunRequest): Promise<Measured | null> => {
    const { measured, runs } = await options.measure(request);
    left -= runs;
    return measured;
  };
  const explorer = new Explorer(
    axes,
    (point, why) => ask({ length: 'short', point, why }),
    () => left > kept,
  );
  if (!(await explorer.explore())) return null;
  const present = confirmation(presentPoint(axes));
  const candidates: Confirmation[] = [];
  const waiting = explorer.ranked().map(({ point }) => point);
  do {
    const group = waiting.splice(0, Math.min(finalists, Math.floor(left / repeats) - 1) || 1).map(confirmation);
    const others = group.filter(({ point }) => changesOf(point, axes).length > 0);
    await confirm(present, others, options, ask, () => left > 0);
    candidates.push(...others);
  } while (![present, ...candidates].some(({ met }) => met) && waiting.length > 0 && left >= 2 * repeats);
  for (const each of [present, ...candidates]) each.cost = costOf(each.runs, changesOf(each.point, axes).length);
  const chosen = cheapest([present, ...candidates].filter(({ met }) => met));
  kept = 0;
  return {
    chosen,
    present,
    candidates,
    nearest: (chosen && explorer.trialAt(chosen.point)) ?? explorer.best(),
    presentRuns: explorer.presentRuns,
    effects: chosen === null ? [] : await effectsOf(chosen.point, axes, explorer),
  };
}

/**
 * Full runs of the present settings and of the candidates; ends when each of the latter has fallen short. Where no run is
 * left, because some were invalid and made once more, those that are there decide.
 */
async function confirm(
  present: Confirmation,
  candidates: readonly Confirmation[],
  { repeats, seed }: SearchOptions,
  ask: (request: RunRequest) => Promise<Measured | null>,
  mayRun: () => boolean,
): Promise<void> {
  const all = [present, ...candidates];
  const turns = orderOf(all.length, repeats, seed);
  for (let round = 0; round < repeats; round++) {
    const group = all.filter((each) => each === present || round === 0 || each.met);
    if (candidates.length > 0 && group.length === 1) break;
    const measured = new Map<Confirmation, Measured | null>();
    const why = `confirm, round ${round + 1} of ${repeats}`;
    for (const each of turns.filter(({ repeat }) => repeat === round).map(({ cell }) => all[cell]!)) {
      if (group.includes(each) && mayRun()) measured.set(each, await ask({ length: 'full', point: each.point, why }));
    }
    const atPresent = measured.get(present) ?? present.runs.at(-1) ?? null;
    for (const [each, run] of measured) {
      const meets = run !== null && atPresent !== null && shortfallOf(run, atPresent) === 0;
      each.met = meets && (each.met || each.runs.length === 0);
      if (run !== null) each.runs.push(run);
    }
  }
}

function confirmation(point: Point): Confirmation {
  return { point, runs: [], met: false, cost: costOf([], 0) };
}

async function effectsOf(point: Point, axes: readonly SearchAxis[], explorer: Explorer): Promise<Effect[]> {
  const effects: Effect[] = [];
  const changes = changesOf(point, axes);
  for (const axis of changes.length > 1 ? changes : []) {
    effects.push({ axis, without: (await explorer.tryWithout(point, axis))?.measured ?? null });
  }
  return effects;
}
