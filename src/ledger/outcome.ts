/** How one life ended. The names are those of the result, the metrics and the thresholds. */
export const OUTCOMES = [
  'expired',
  'evicted_early',
  'evicted_stale',
  'logged_out',
  'alive',
  'stale',
  'lost',
  'unknown',
  'refused',
] as const;

export type OutcomeName = (typeof OUTCOMES)[number];

/**
 * What made a life end where that can differ: an `expired` that the server's own cycle found (`cycle`) or that a
 * command of ours provoked (`command`); a delete that was meant (`logout`) or that a refresh with a deadline already
 * past amounted to (`refresh`).
 */
export const CAUSES = ['none', 'cycle', 'command', 'logout', 'refresh'] as const;

export type CauseName = (typeof CAUSES)[number];
