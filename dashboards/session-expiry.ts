import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, labelVariable, of, ofCohort, ofNode, VERDICT } from './common.ts';
import { HELD, heatmap, lines, logLines, NOT_REACHED, quantileLines, stat } from './panels.ts';
import { thresholds, withThresholds } from './thresholds.ts';

const LAG = 'ttlscope_expiry_lag_quantile_seconds';
const DELIVERED = `ttlscope_expiry_lag_seconds_bucket${ofCohort()}`;
const COHORT_P99 = `max by (run, cohort) (ttlscope_cohort_expiry_lag_quantile_seconds${ofCohort('quantile="0.99"')})`;
/** Matchers of thresholds on counts. */
const COUNTS = ['expression=~" *count.*"'];
const MORE_CYCLE =
  'Raise hz (10 by default, 100 costs a few per cent of a processor) or active-expire-effort; ttlscope tune finds how far.';

/** How late ends are told, and what is dead in memory meanwhile. */
export function sessionExpiry(): Dashboard {
  return dashboard({
    uid: 'ttlscope-session-expiry',
    title: 'Session expiry',
    about: 'How late the end of a session is told, and what is dead in memory meanwhile.',
    variables: [labelVariable('redis', 'redis_exporter', 'redis_up', 'An instance that redis_exporter watches')],
    rows: [
      {
        title: 'Now',
        panels: [
          stat({
            title: 'Lag p50',
            about: `Half of the sessions that fell due were told of later than this; those that were not told of are counted as such (Aalen-Johansen). Good: below what your users may notice. ${MORE_CYCLE}`,
            unit: 's',
            queries: [{ expr: `max(${LAG}${of('quantile="0.5"')})`, legend: 'p50' }],
            words: NOT_REACHED,
            good: [1, 10],
          }),
          stat({
            title: 'Lag p99',
            about: `One in a hundred was told of later than this, or not at all: "not reached". Good: within the budget of what acts on the event. ${MORE_CYCLE}`,
            unit: 's',
            queries: [{ expr: `max(${LAG}${of('quantile="0.99"')})`, legend: 'p99' }],
            words: NOT_REACHED,
            good: [5, 30],
          }),
          stat({
            title: 'Oldest stale',
            about: `How long the one that has waited longest is past its deadline: the floor of what has not arrived. Good: near the p99. ${MORE_CYCLE}`,
            unit: 's',
            queries: [{ expr: `max(ttlscope_oldest_stale_seconds${ofCohort()})`, legend: 'oldest' }],
            good: [10, 60],
          }),
          stat({
            title: 'Stale sessions',
            about: `Past their deadline and in memory. Good: a few per cent of the live at most, and not growing. ${MORE_CYCLE}`,
            unit: 'short',
            queries: [{ expr: `sum(ttlscope_sessions${ofCohort('state="stale"')})`, legend: 'stale' }],
          }),
          stat({
            title: 'Memory of the stale',
            about:
              'What they hold, which live sessions are evicted for once maxmemory is reached. Good: small beside maxmemory.',
            unit: 'decbytes',
            queries: [{ expr: `sum(ttlscope_stale_bytes${ofCohort()})`, legend: 'stale' }],
          }),
          stat({
            title: 'Lost',
            about:
              'Ended without an event that was heard, in the time shown. Good: 0. Else look for other clients that delete or move sessions, and at gaps of the observer (dashboard Trust).',
            unit: 'short',
            queries: [
              {
                expr: `sum(increase(ttlscope_session_outcomes_total${ofCohort('outcome="lost"')}[$__range]))`,
                legend: 'lost',
              },
            ],
            good: [0.5, 1],
          }),
          stat({
            title: 'Evicted early',
            about:
              'Users logged out before their time, in the time shown. Good: 0. Give more maxmemory, or make the dead go sooner; see Memory and eviction.',
            unit: 'short',
            queries: [
              {
                expr: `sum(increase(ttlscope_session_outcomes_total${ofCohort('outcome="evicted_early"')}[$__range]))`,
                legend: 'evicted early',
              },
            ],
            good: [0.5, 1],
          }),
          stat({
            title: 'Verdict',
            about:
              'Whether the figures can be trusted: pending while a run lasts, then valid, invalid or aborted. When it is not valid quote nothing; the dashboard Trust says why.',
            unit: 'short',
            queries: [{ expr: VERDICT, legend: '{{state}}' }],
            show: 'name',
          }),
        ],
      },
      {
        title: 'Lag',
        panels: [
          heatmap({
            title: 'Lag of events over time (delivered only)',
            about: `What has not arrived is not in it, so that it flatters the server: read it beside the quantiles. Good: one band, low down, that does not rise. ${MORE_CYCLE}`,
            unit: 's',
            queries: [{ expr: `sum by (le) (increase(${DELIVERED}[$__rate_interval]))`, legend: '{{le}}' }],
          }),
          withThresholds(
            quantileLines({
              title: 'Lag quantiles, the stale counted',
              about: `Of all that fell due since the start of the run; a gap is a quantile that was not reached. Dashed: the thresholds of the scenario. Good: below them. ${MORE_CYCLE}`,
              unit: 's',
              queries: [
                { expr: `max by (run, quantile) (${LAG}${of()}) < Inf`, legend: '{{run}} q{{quantile}}' },
                thresholds('metric="expiry_lag"'),
              ],
            }),
          ),
          withThresholds(
            quantileLines({
              title: 'Lag p99 by cohort, the stale counted',
              about:
                'A cohort with short TTLs beside one with long ones waits longest, because the cycle looks at all of them. A gap: not reached. Good: below its threshold, dashed. Keep keys with long TTLs in another database or server.',
              unit: 's',
              queries: [
                { expr: `${COHORT_P99} < Inf`, legend: '{{run}} {{cohort}}' },
                thresholds('metric=~"expiry_lag[{].*"'),
              ],
            }),
          ),
          logLines({
            title: 'Lag p50 and p99 of the latest events (delivered only)',
            about:
              'From the histogram, to a factor of 2.5; what has not arrived is not in it. Rising: the cycle falls behind.',
            unit: 's',
            queries: [
              { expr: `histogram_quantile(0.5, sum by (le) (rate(${DELIVERED}[$__rate_interval])))`, legend: 'p50' },
              { expr: `histogram_quantile(0.99, sum by (le) (rate(${DELIVERED}[$__rate_interval])))`, legend: 'p99' },
            ],
          }),
          stat({
            title: 'Lag p99 by cohort now, the stale counted',
            about: `Of a cohort that is "not reached" more than one in a hundred wait still, or were never told of. Good: within the budget of what acts on the event. ${MORE_CYCLE}`,
            unit: 's',
            span: 24,
            queries: [{ expr: COHORT_P99, legend: '{{run}} {{cohort}}' }],
            show: 'both',
            words: NOT_REACHED,
          }),
        ],
      },
      {
        title: 'Backlog',
        panels: [
          lines({
            title: 'Due against heard, a second',
            about: `While fewer are heard than fall due the backlog grows. Good: the lines lie on each other. ${MORE_CYCLE}`,
            unit: 'ops',
            queries: [
              { expr: `sum(rate(ttlscope_sessions_due_total${ofCohort()}[$__rate_interval]))`, legend: 'fell due' },
              {
                expr: `sum(rate(ttlscope_session_outcomes_total${ofCohort('outcome="expired"')}[$__rate_interval]))`,
                legend: 'heard',
              },
            ],
          }),
          lines({
            title: 'Stale sessions by cohort',
            about: `Dead, and still in memory. Good: level. Growing without end: the cycle cannot keep up with what falls due. ${MORE_CYCLE}`,
            unit: 'short',
            queries: [
              { expr: `sum by (cohort) (ttlscope_sessions${ofCohort('state="stale"')})`, legend: '{{cohort}}' },
            ],
          }),
        ],
      },
      {
        title: 'The expire cycle',
        panels: [
          lines({
            title: 'Processor time of the expire cycle',
            about:
              'Share of a processor. Good: a few per cent; at most 25% of the time is given to it at effort 1, and commands wait meanwhile. Lower active-expire-effort if commands become slow.',
            unit: 'percentunit',
            span: 8,
            queries: [
              {
                expr: `sum by (run) (rate(ttlscope_redis_expire_cycle_cpu_seconds_total${ofNode()}[$__rate_interval]))`,
                legend: '{{run}}',
              },
            ],
          }),
          lines({
            title: 'Cycles that ran out of time, a second',
            about:
              'The cycle stopped because its time was used up, not because little was left to do. Good: 0 but after a burst. Spread TTLs (jitter), or raise hz.',
            unit: 'ops',
            span: 8,
            queries: [
              {
                expr: `sum by (run) (rate(ttlscope_redis_expire_time_cap_reached_total${ofNode()}[$__rate_interval]))`,
                legend: '{{run}}',
              },
            ],
          }),
          lines({
            title: 'Stale share as the server estimates it',
            about:
              'expired_stale_perc: the hit rate of what the cycle looked at. Good: below 10%, where the cycle lets be at effort 1. It is a share of keys with a TTL, and says nothing of how late they are.',
            unit: 'percentunit',
            span: 8,
            queries: [{ expr: `max by (run) (ttlscope_redis_expired_stale_ratio${ofNode()})`, legend: '{{run}}' }],
          }),
        ],
      },
      {
        title: 'Outcomes',
        panels: [
          lines({
            title: 'Ends a second, by outcome',
            about:
              'How sessions end. Good: expired and logged_out only. evicted_early: more memory; lost: someone else deletes; refused: the server is full and evicts nothing.',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (outcome) (rate(ttlscope_session_outcomes_total${ofCohort()}[$__rate_interval]))`,
                legend: '{{outcome}}',
              },
            ],
          }),
          lines({
            title: 'Requests that found their session gone, a second',
            about:
              'Before its deadline: a user was logged out early; after it: they came too late, as they should learn. Good: none before.',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (deadline) (rate(ttlscope_requests_found_gone_total${ofCohort()}[$__rate_interval]))`,
                legend: '{{deadline}} its deadline',
              },
            ],
          }),
          stat({
            title: 'Thresholds of the scenario',
            about:
              'Whether each holds so far; the result is judged by it at the end. Good: held, all of them. What one that is not held measures has its panel here, or in Trust.',
            unit: 'short',
            span: 12,
            queries: [
              {
                expr: `min by (run, metric, expression) (ttlscope_threshold_held${of()})`,
                legend: '{{run}} {{metric}} {{expression}}',
              },
            ],
            show: 'both',
            words: HELD,
          }),
          withThresholds(
            lines({
              title: 'Counts that have a threshold',
              about:
                'Since the start of the run. Dashed: their bounds. Good: on the side that the threshold asks for. lost and unknown: look for other clients and for gaps (Trust); evicted_early: more maxmemory.',
              unit: 'short',
              queries: [
                {
                  expr: `max by (run, metric, expression) (ttlscope_threshold_value${of(...COUNTS)})`,
                  legend: '{{run}} {{metric}}',
                },
                thresholds(...COUNTS),
              ],
            }),
          ),
        ],
      },
      {
        title: 'As redis_exporter sees it (where there is one)',
        panels: [
          lines({
            title: 'Expired and evicted keys a second',
            about:
              'Of all keys of the server, whoever made them. Expired events are sent at this rate, whatever the deadlines were. Good: as many expire as are given TTLs, none are evicted.',
            unit: 'ops',
            queries: [
              {
                expr: 'sum by (instance) (rate(redis_expired_keys_total{instance=~"$redis"}[$__rate_interval]))',
                legend: '{{instance}} expired',
              },
              {
                expr: 'sum by (instance) (rate(redis_evicted_keys_total{instance=~"$redis"}[$__rate_interval]))',
                legend: '{{instance}} evicted',
              },
            ],
          }),
          lines({
            title: 'Memory used and allowed',
            about: 'Good: room between the two. At the limit the policy decides who goes; without one, the machine.',
            unit: 'decbytes',
            queries: [
              { expr: 'max by (instance) (redis_memory_used_bytes{instance=~"$redis"})', legend: '{{instance}} used' },
              {
                expr: 'max by (instance) (redis_memory_max_bytes{instance=~"$redis"})',
                legend: '{{instance}} maxmemory',
              },
            ],
          }),
        ],
      },
    ],
  });
}
