/**
 * Tuning measures as the search asks, and keeps every run:
 *
 *     running ──► (a run, which is saved) ──► … ──► the search is at its end ──► complete
 *        └── a signal: the present run is cut off and discarded ──► aborted, without a finding
 *
 * A run that is invalid is made once more; settings that fail twice, or that the server refuses, cannot be measured.
 */
import type { Scenario, Threshold } from '../scenario/scenario.ts';
import { figuresOf } from './figures.ts';
import { goalOutcomes } from './goal-outcome.ts';
import { printGoal } from './goals.ts';
import { harmsOf } from './harms.ts';
import { scenarioMs } from './matrix.ts';
import { type CellOptions, measureCell } from './measure-cell.ts';
import { remediesFor } from './remedies.ts';
import { type Settings, sameSettings } from './settings.ts';
import type { Reason } from './tune-axes.ts';
import type { Measured } from './tune-cost.ts';
import type { Finding, Tune, TunedRun } from './tune-file.ts';
import {
  type Answer,
  type Confirmation,
  FEWEST_SHORT_RUNS,
  type Found,
  type RunRequest,
  search,
} from './tune-search.ts';
import { type SearchAxis, settingsAt } from './tune-space.ts';

export interface TuneSpec {
  /** Its thresholds are the goals. */
  scenario: Scenario;
  /** The same, shortened. */
  short: Scenario;
  axes: readonly SearchAxis[];
  /** Why each axis is one. */
  reasons: readonly Reason[];
  leftOut: readonly Reason[];
  budget: number;
  repeats: number;
  /** As printed: without a password. */
  server: Tune['server'];
}

export interface TuneProgress {
  run: number;
  length: RunRequest['length'];
  why: string;
  settings: Settings;
  /** Of all runs that the budget allows, and of what is left of them. */
  wholeMs: number;
  remainingMs: number;
}

export interface TuneOptions extends Omit<CellOptions, 'onProgress'> {
  /** Called after each run and at the end, and waited for. */
  save: () => Promise<void>;
  onProgress?: (progress: TuneProgress) => void;
}

/** A run that is invalid is made once more. */
const ATTEMPTS = 2;

export function newTune({ scenario, short, axes, reasons, leftOut, budget, repeats, server }: TuneSpec): Tune {
  const lengthsOf = ({ durationMs, cutoffMs }: Scenario): Tune['full'] => ({ durationMs, cutoffMs });
  return {
    schema: 'ttlscope.tune/1',
    state: 'running',
    scenario: { ...scenario },
    goals: scenario.thresholds.map(printGoal),
    seed: scenario.seed,
    budget,
    repeats,
    full: lengthsOf(scenario),
    short: lengthsOf(short),
    axes: axes.map(({ setting, levels, present, immutable }) => ({
      setting,
      present: levels[present]!,
      levels: [...levels],
      why: reasons.find((reason) => reason.setting === setting)?.why ?? 'as asked for',
      immutable: immutable ?? false,
    })),
    leftOut: [...leftOut],
    server,
    startedAt: new Date().toISOString(),
    runs: [],
    finding: null,
  };
}

/** Most time that the runs take, ms, each so much longer than its scenario: all but the fewest short ones are full ones. */
export function budgetMs(
  { budget, scenario, short }: Pick<TuneSpec, 'budget' | 'scenario' | 'short'>,
  overheadMs = 0,
): number {
  const full = budget - FEWEST_SHORT_RUNS;
  return full * (scenarioMs(scenario) + overheadMs) + (budget - full) * (scenarioMs(short) + overheadMs);
}

/** @param tune a new one; it is changed in place */
export async function runTune(tune: Tune, spec: TuneSpec, options: TuneOptions): Promise<void> {
  const { axes, budget, repeats, scenario } = spec;
  const { signal, save } = options;
  const runner = new Runner(tune, spec, options);
  try {
    const found = await search(axes, {
      budget,
      repeats,
      seed: scenario.seed,
      measure: (request) => runner.answer(request),
    });
    tune.finding = findingOf(found, tune, spec);
    tune.state = 'complete';
  } catch (error) {
    if (!signal?.aborted) throw error;
    tune.state = 'aborted';
  }
  await save();
}

class Runner {
  readonly #tune: Tune;
  readonly #spec: TuneSpec;
  readonly #options: TuneOptions;

  constructor(tune: Tune, spec: TuneSpec, options: TuneOptions) {
    this.#tune = tune;
    this.#spec = spec;
    this.#options = options;
  }

  /** @throws when the signal says so */
  async answer(request: RunRequest): Promise<Answer> {
    const { runs } = this.#tune;
    for (let attempt = 1; ; attempt++) {
      const run = await this.#run(request);
      runs.push(run);
      await this.#options.save();
      const valid = run.state === 'measured' && run.result.verdict.state === 'valid';
      if (valid) return { measured: measuredOf(run, this.#spec.scenario.thresholds), runs: attempt };
      const isFinal = run.state === 'failed' || attempt === ATTEMPTS || runs.length >= this.#spec.budget;
      if (isFinal) return { measured: null, runs: attempt };
    }
  }

  async #run({ length, point, why }: RunRequest): Promise<TunedRun> {
    const { save, onProgress, ...cellOptions } = this.#options;
    const scenario = length === 'short' ? this.#spec.short : this.#spec.scenario;
    const settings = settingsAt(point, this.#spec.axes);
    const place = { run: this.#tune.runs.length + 1, length, why, settings };
    const wholeMs = budgetMs(this.#spec, this.#overheadMs());
    const spentMs = this.#tune.runs.reduce((sum, { wallSeconds }) => sum + 1000 * wallSeconds, 0);
    const report = (elapsedMs: number): void =>
      onProgress?.({ ...place, wholeMs, remainingMs: Math.max(0, wholeMs - spentMs - elapsedMs) });
    report(0);
    const measurement = await measureCell(scenario, settings, {
      ...cellOptions,
      onProgress: ({ elapsedMs }) => report(elapsedMs),
    });
    if (measurement.state === 'aborted') throw this.#options.signal!.reason;
    if (measurement.state === 'failed') return { ...place, ...measurement };
    const goals = goalOutcomes(scenario.thresholds, measurement.result).map(({ shortfall, ...outcome }) => ({
      ...outcome,
      shortfall: Number.isFinite(shortfall) ? shortfall : null,
    }));
    return { ...place, ...measurement, goals };
  }

  /** Mean time of a run beyond its scenario's; 0 before the first. */
  #overheadMs(): number {
    const { runs } = this.#tune;
    if (runs.length === 0) return 0;
    const { scenario, short } = this.#spec;
    const beyond = runs.map(({ length, wallSeconds }) => {
      return 1000 * wallSeconds - scenarioMs(length === 'short' ? short : scenario);
    });
    return Math.max(0, beyond.reduce((sum, ms) => sum + ms, 0) / runs.length);
  }
}

function measuredOf(run: TunedRun & { state: 'measured' }, goals: readonly Threshold[]): Measured {
  const { serverCpuSeconds, peakMemoryBytes } = figuresOf(run.result);
  const known = (figure: unknown): number | null => (typeof figure === 'number' ? figure : null);
  return {
    run: run.run,
    shortfalls: run.goals.map(({ shortfall }) => shortfall ?? Number.POSITIVE_INFINITY),
    harms: harmsOf(run.result, goals),
    cpuSeconds: known(serverCpuSeconds),
    peakMemoryBytes: known(peakMemoryBytes),
  };
}

function findingOf(found: Found | null, tune: Tune, spec: TuneSpec): Finding {
  if (found === null) return NOT_MEASURABLE;
  const { chosen, present, candidates, nearest, presentRuns, effects } = found;
  const settings = settingsAt(chosen?.point ?? nearest.point, spec.axes);
  const outcome = chosen === null ? 'none' : chosen === present ? 'unchanged' : 'found';
  const numbersOf = ({ runs }: Confirmation): number[] => runs.map(({ run }) => run);
  const confirmed = chosen ?? candidates.find(({ point }) => sameSettings(settingsAt(point, spec.axes), settings));
  return {
    outcome,
    settings,
    full: { present: numbersOf(present), settings: confirmed ? numbersOf(confirmed) : [] },
    short: {
      present: presentRuns.map(({ run }) => run),
      settings: nearest.measured === null ? [] : [nearest.measured.run],
    },
    effects: effects.map(({ axis, without }) => ({ setting: spec.axes[axis]!.setting, without: without?.run ?? null })),
    remedies: outcome === 'none' ? remediesFor(spec, settings, tune.runs) : [],
  };
}

const NOT_MEASURABLE: Finding = {
  outcome: 'not measurable',
  settings: {},
  full: { present: [], settings: [] },
  short: { present: [], settings: [] },
  effects: [],
  remedies: [],
};
