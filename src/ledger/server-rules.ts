/** What differs between servers, as far as it decides what their replies and events mean. */
export interface ServerRules {
  /** Whether it tells of new keys (the `n` flag, Redis 7.0), which a rewrite's reply does not. */
  tellsNew: boolean;
  /** Whether a SET with a deadline already past leaves no key. */
  dropsPast: boolean;
  /** How long after its deadline a key expires at the earliest, ms. */
  leastLagMs: number;
}
