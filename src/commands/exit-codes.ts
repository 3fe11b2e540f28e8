/** The exit codes of the commands; 99, 104 and 105 are k6's. */
export const EXIT = {
  good: 0,
  failed: 1,
  serverUnusable: 97,
  invalidMeasurement: 98,
  thresholdFailed: 99,
  badScenario: 104,
  signal: 105,
} as const;
