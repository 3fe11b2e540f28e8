import type { Distribution } from './scenario.ts';

/** A distribution of durations, ms, that somebody measured. */
export interface Preset {
  /** What it is of, for people. */
  title: string;
  source: string;
  distribution: Distribution;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Weight and TTL of each part. The table gives the common TTLs only, to two digits: the weights need not sum to 1. */
function mix(...parts: readonly (readonly [number, number])[]): Distribution {
  return {
    kind: 'mixture',
    parts: parts.map(([weight, value]) => ({ weight, of: { kind: 'fixed', value } })),
  };
}

/**
 * TTLs that writers set in production caches: column "common TTL" of stat/2020Mar.md in
 * https://github.com/twitter/cache-trace (CC BY 4.0), one week of March 2020. The traces are described in Yang, Yue,
 * Rashmi: A large scale analysis of hundreds of in-memory cache clusters at Twitter, OSDI 2020.
 */
const TWITTER = 'twitter/cache-trace, stat/2020Mar.md; Yang, Yue, Rashmi, OSDI 2020';

export const PRESETS: Readonly<Record<string, Preset>> = {
  'twitter-cluster-4': {
    title: "TTLs of Twitter's cluster 4 (results of computations): seconds to a day",
    source: TWITTER,
    distribution: mix(
      [0.39, 60 * SECOND],
      [0.24, 300 * SECOND],
      [0.13, HOUR],
      [0.12, 600 * SECOND],
      [0.09, 4 * HOUR],
      [0.03, DAY],
    ),
  },
  'twitter-cluster-15': {
    title: "TTLs of Twitter's cluster 15 (transient items, written once): all 30 s",
    source: TWITTER,
    distribution: mix([1, 30 * SECOND]),
  },
  'twitter-cluster-23': {
    title: "TTLs of Twitter's cluster 23 (transient items, counters): mostly two minutes",
    source: TWITTER,
    distribution: mix([0.93, 120 * SECOND], [0.05, 2700 * SECOND], [0.03, 5 * SECOND]),
  },
  'twitter-cluster-24': {
    title: "TTLs of Twitter's cluster 24 (a store's cache): a minute among weeks",
    source: TWITTER,
    distribution: mix([0.71, 14 * DAY], [0.19, 60 * SECOND], [0.03, 30 * DAY], [0.02, DAY], [0.02, HOUR]),
  },
};
