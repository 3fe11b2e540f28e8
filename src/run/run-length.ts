import type { Scenario } from '../scenario/scenario.ts';

/** Room for what precedes the measurement: a fill of ten million sessions takes five minutes. */
const BEFORE_MS = 600_000;

/** Time of the run within which a deadline can pass, at most, ms. */
export function runLengthMs({ durationMs, cutoffMs }: Scenario): number {
  return BEFORE_MS + durationMs + cutoffMs;
}
