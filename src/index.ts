/** The library: load or parse a scenario, run it, merge the results of its segments. */
export type { Segment } from './load/plan.ts';
export { ServerUnusable } from './redis/server-unusable.ts';
export { mergeResults } from './result/merge.ts';
export { type Result, resultSchema } from './result/schema.ts';
export type { LifeRow } from './run/life-row.ts';
export type { ProgressStatus } from './run/progress-status.ts';
export { type RunOptions, run } from './run/run.ts';
export { loadScenario, parseScenario, ScenarioError } from './scenario/load.ts';
export type { Cohort, Distribution, Scenario, Threshold, Ttl } from './scenario/scenario.ts';
