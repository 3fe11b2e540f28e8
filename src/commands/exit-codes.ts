/** The exit codes of the commands; 99, 104 and 105 are k6's. Those of `doctor` are its own: 1 and 2 for what it has found, or could not examine. */
export const EXIT = {
  good: 0,
  failed: 1,
  warningsFound: 1,
  errorsFound: 2,
  serverUnusable: 97,
  invalidMeasurement: 98,
  thresholdFailed: 99,
  badScenario: 104,
  signal: 105,
} as const;
