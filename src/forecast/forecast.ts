import { type Plan, planScenario } from '../load/plan.ts';
import { mean } from '../scenario/distribution.ts';
import type { Cohort, Scenario } from '../scenario/scenario.ts';
import { harnessBytes, keyBytes, tableBytes } from './memory.ts';
import { rulesOf, type StoreRules } from './store-rules.ts';
import { TimeBins } from './time-bins.ts';
import { simulateVisit } from './visit.ts';

/** What a cohort, or all of them, will do, if the server answers at once and deletes each session at its deadline. */
export interface CohortForecast {
  sessions: number;
  /** Arrivals in the busiest second; 0 when the sessions are filled. */
  peakArrivalsPerSecond: number;
  /** Requests of visitors. */
  requests: number;
  peakRequestsPerSecond: number;
  /** Sessions whose deadline elapses before the cut-off, refreshes reckoned in. */
  due: number;
  loggedOut: number;
  /** Sessions whose deadline is after the cut-off. */
  alive: number;
  peakDuePerSecond: number;
  /** When they fall due: counts over the time from the start of the measurement to the cut-off, in equal parts. */
  dueOverTime: number[];
  /** Payloads alone, of all sessions. */
  payloadBytes: number;
  /** Memory of the server when no session has been deleted. */
  serverBytes: number;
  /** Most sessions alive at one time. */
  peakAlive: number;
  /** How many visits were simulated for all of them; `null` without activity. */
  simulated: number | null;
}

export interface Forecast {
  name: string;
  seed: number;
  durationMs: number;
  cutoffMs: number;
  cohorts: Record<string, CohortForecast>;
  totals: CohortForecast;
  /** Memory of the server at its peak, if each session is deleted at its deadline. */
  peakServerBytes: number;
  /** Memory of the sessions in this process. */
  harnessBytes: number;
}

/** Parts of the time in `dueOverTime`; fewer for a short run. */
const PARTS = 48;
const MOST_BINS = 30_000;
/** Visits that are simulated in a cohort, and about so many requests; a sample stands for the others. */
const MOST_VISITS = 200_000;
const MOST_REQUESTS = 4_000_000;
const LEAST_VISITS = 100;

/** What a run of the scenario would do. Works the plan through: no server is asked. */
export function forecast(scenario: Scenario): Forecast {
  const { name, seed, durationMs, cutoffMs, cohorts } = scenario;
  const plan = planScenario(scenario);
  const counts = cohorts.map((cohort, position) => new CohortCount(plan, cohort, position, scenario));
  for (const [position, { population }] of cohorts.entries()) {
    if (population.kind !== 'filled') continue;
    const { first, end } = plan.rangeOf(position);
    for (let index = first; index < end; index++) counts[position]!.add(index, 0);
  }
  for (const cursor = plan.arrivals(); cursor.atMs < Number.POSITIVE_INFINITY; cursor.advance()) {
    counts[plan.cohortOf(cursor.index)]!.add(cursor.index, cursor.atMs);
  }
  const all = counts.map((count) => count.forecast());
  const total = totalOf(counts, all, scenario);
  const ofTraces = cohorts.reduce(
    (sum, { population }) => sum + (population.kind === 'trace' ? population.sessions : 0),
    0,
  );
  const visits = cohorts.some(({ activity }) => activity !== null);
  const bytesOfKeys = counts.reduce((sum, count) => sum + count.bytesOfKeys, 0);
  const perKey = plan.sessions === 0 ? 0 : bytesOfKeys / plan.sessions;
  return {
    name,
    seed,
    durationMs,
    cutoffMs,
    cohorts: Object.fromEntries(cohorts.map(({ name }, position) => [name, all[position]!])),
    totals: total,
    peakServerBytes: total.peakAlive * perKey + tableBytes(total.peakAlive),
    harnessBytes: harnessBytes(plan.sessions, ofTraces, visits),
  };
}

class CohortCount {
  sessions = 0;
  bytesOfKeys = 0;
  readonly due: TimeBins;
  readonly arrivals: TimeBins;
  readonly requests: TimeBins;
  /** Sessions that end, by deadline or logout; those made before the measurement are in `filled`. */
  readonly ends: TimeBins;
  filled = 0;
  #payloadBytes = 0;
  #due = 0;
  #loggedOut = 0;
  #requests = 0;
  #simulated = 0;
  /** One visit of so many is simulated, and counts for all of them. */
  readonly #stride: number;
  readonly #plan: Plan;
  readonly #cohort: Cohort;
  readonly #rules: StoreRules;
  readonly #first: number;
  readonly #durationMs: number;
  readonly #runMs: number;

  constructor(plan: Plan, cohort: Cohort, position: number, { durationMs, cutoffMs }: Scenario) {
    this.#plan = plan;
    this.#cohort = cohort;
    this.#rules = rulesOf(cohort);
    this.#durationMs = durationMs;
    this.#runMs = durationMs + cutoffMs;
    const { first, end } = plan.rangeOf(position);
    this.#first = first;
    this.#stride = strideOf(cohort, end - first, durationMs);
    const binMs = binMsOf(this.#runMs);
    this.due = new TimeBins(this.#runMs, binMs);
    this.ends = new TimeBins(this.#runMs, binMs);
    this.arrivals = new TimeBins(durationMs, binMs);
    this.requests = new TimeBins(durationMs, binMs);
  }

  /** Reckons with a session that is made at this time from the start, 0 for those that are there before. */
  add(index: number, atMs: number): void {
    const plan = this.#plan;
    const { population, ttlMs, activity } = this.#cohort;
    const bytes = plan.payloadBytes(index);
    this.sessions++;
    this.#payloadBytes += bytes;
    this.bytesOfKeys += keyBytes(bytes);
    if (population.kind === 'filled') this.filled++;
    else this.arrivals.add(atMs, 1);
    const plannedMs = (ttlMs?.kind === 'together' ? 0 : atMs) + plan.ttlMs(index);
    if (activity === null) {
      this.#ends(this.#rules.created(atMs, plannedMs), 1);
      return;
    }
    const rank = index - this.#first;
    if (rank % this.#stride !== 0) return;
    const weight = this.#stride;
    this.#simulated++;
    const dueMs = simulateVisit(plan, index, this.#rules, atMs, plannedMs, this.#durationMs, (requestMs) => {
      this.#requests += weight;
      this.requests.add(requestMs, weight);
    });
    if (Number.isNaN(dueMs)) this.#loggedOut += weight;
    else this.#ends(dueMs, weight);
  }

  forecast(): CohortForecast {
    const scale = this.#simulated === 0 ? 1 : this.sessions / (this.#simulated * this.#stride);
    const due = Math.round(this.#due * scale);
    const loggedOut = Math.round(this.#loggedOut * scale);
    return {
      sessions: this.sessions,
      peakArrivalsPerSecond: this.arrivals.peakPerSecond(),
      requests: Math.round(this.#requests * scale),
      peakRequestsPerSecond: this.requests.peakPerSecond() * scale,
      due,
      loggedOut,
      alive: Math.max(0, this.sessions - due - loggedOut),
      peakDuePerSecond: this.due.peakPerSecond() * scale,
      dueOverTime: this.due.coarsened(PARTS).map((count) => Math.round(count * scale)),
      payloadBytes: this.#payloadBytes,
      serverBytes: this.bytesOfKeys + tableBytes(this.sessions),
      peakAlive: peakAlive([this]),
      simulated: this.#cohort.activity === null ? null : this.#simulated,
    };
  }

  #ends(dueMs: number, weight: number): void {
    this.ends.add(dueMs, weight);
    if (dueMs >= this.#runMs) return;
    this.#due += weight;
    this.due.add(dueMs, weight);
  }
}

function totalOf(
  counts: readonly CohortCount[],
  forecasts: readonly CohortForecast[],
  { durationMs, cutoffMs }: Scenario,
): CohortForecast {
  const sum = (of: (each: CohortForecast) => number): number => forecasts.reduce((total, each) => total + of(each), 0);
  const peak = (lengthMs: number, of: (count: CohortCount) => TimeBins): number => {
    const bins = new TimeBins(lengthMs, binMsOf(durationMs + cutoffMs));
    for (const count of counts) bins.addAll(of(count));
    return bins.peakPerSecond();
  };
  const sessions = sum((each) => each.sessions);
  const simulated = forecasts.flatMap(({ simulated }) => (simulated === null ? [] : [simulated]));
  return {
    sessions,
    peakArrivalsPerSecond: peak(durationMs, ({ arrivals }) => arrivals),
    requests: sum(({ requests }) => requests),
    peakRequestsPerSecond: peak(durationMs, ({ requests }) => requests),
    due: sum(({ due }) => due),
    loggedOut: sum(({ loggedOut }) => loggedOut),
    alive: sum(({ alive }) => alive),
    peakDuePerSecond: peak(durationMs + cutoffMs, ({ due }) => due),
    dueOverTime: forecasts[0]!.dueOverTime.map((_, part) => sum(({ dueOverTime }) => dueOverTime[part]!)),
    payloadBytes: sum(({ payloadBytes }) => payloadBytes),
    serverBytes: counts.reduce((total, { bytesOfKeys }) => total + bytesOfKeys, 0) + tableBytes(sessions),
    peakAlive: peakAlive(counts),
    simulated: simulated.length === 0 ? null : simulated.reduce((total, visits) => total + visits, 0),
  };
}

/** Most sessions that are there at the end of any bin, or before the first; no logout is reckoned in. */
function peakAlive(counts: readonly CohortCount[]): number {
  let alive = counts.reduce((sum, { filled }) => sum + filled, 0);
  let most = alive;
  for (let bin = 0; bin < counts[0]!.ends.counts.length; bin++) {
    for (const { arrivals, ends } of counts) alive += (arrivals.counts[bin] ?? 0) - ends.counts[bin]!;
    most = Math.max(most, alive);
  }
  return Math.round(most);
}

/** A second; more for a run of more than some hours. */
function binMsOf(runMs: number): number {
  return 1000 * Math.max(1, Math.ceil(runMs / 1000 / MOST_BINS));
}

function strideOf({ activity }: Cohort, sessions: number, durationMs: number): number {
  if (activity === null) return 1;
  const visitMs = activity.lengthMs === null ? durationMs : Math.min(durationMs, mean(activity.lengthMs));
  const requests = visitMs / mean(activity.intervalMs);
  const visits = Math.max(LEAST_VISITS, Math.min(MOST_VISITS, MOST_REQUESTS / (1 + requests)));
  return Math.max(1, Math.ceil(sessions / visits));
}
