import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, of, ofCohort, ofNode, VERDICT } from './common.ts';
import { lines, NOT_REACHED, quantileLines, stat } from './panels.ts';

const RUN = '{{run}} {{scenario}} {{policy}}';
const BY_RUN = 'by (run, scenario, policy)';
const quantile = (q: string): string => `max ${BY_RUN} (ttlscope_expiry_lag_quantile_seconds${of(`quantile="${q}"`)})`;

/** Runs over each other: those of now, or past ones that `ttlscope export --align` has given one origin. */
export function compareRuns(): Dashboard {
  return dashboard({
    uid: 'ttlscope-compare-runs',
    title: 'Compare runs',
    about:
      'Two or more runs over each other. Past runs come from `ttlscope export A B --openmetrics --align TIME`, which lets their measurements begin at one time.',
    rows: [
      {
        title: 'What they are',
        panels: [
          stat({
            title: 'Runs',
            about: 'Choose two or more above. Good: same scenario, one setting that differs.',
            unit: 'short',
            span: 12,
            queries: [
              {
                expr: `max by (run, scenario, policy, engine, engine_version, hz) (ttlscope_run_info${of()})`,
                legend: '{{run}}: {{scenario}}, {{engine}} {{engine_version}}, hz {{hz}}, {{policy}}',
              },
            ],
            show: 'name',
          }),
          stat({
            title: 'Verdicts',
            about: 'Good: valid, all of them. A difference to a run that is not valid says nothing.',
            unit: 'short',
            span: 12,
            queries: [{ expr: VERDICT, legend: '{{run}} {{state}}' }],
            show: 'name',
          }),
        ],
      },
      {
        title: 'Lag',
        panels: [
          stat({
            title: 'Last p50 of each run, the stale counted',
            about:
              '"not reached": fewer than half of what fell due was told of. Good: lower; differences below the spread of repeats say nothing.',
            unit: 's',
            span: 12,
            queries: [{ expr: quantile('0.5'), legend: RUN }],
            show: 'both',
            words: NOT_REACHED,
          }),
          stat({
            title: 'Last p99 of each run, the stale counted',
            about:
              '"not reached": more than one in a hundred waits still, or was never told of. Good: lower, and reached.',
            unit: 's',
            span: 12,
            queries: [{ expr: quantile('0.99'), legend: RUN }],
            show: 'both',
            words: NOT_REACHED,
          }),
          quantileLines({
            title: 'Lag p50, the stale counted',
            about:
              'Of all that fell due since the start of each run. Good: lower. One run each proves little: ttlscope compare repeats them and knows the spread.',
            unit: 's',
            queries: [{ expr: `${quantile('0.5')} < Inf`, legend: RUN }],
          }),
          quantileLines({
            title: 'Lag p99, the stale counted',
            about:
              'A gap is a quantile that was not reached. Good: lower, and there; else raise hz or active-expire-effort.',
            unit: 's',
            queries: [{ expr: `${quantile('0.99')} < Inf`, legend: RUN }],
          }),
          lines({
            title: 'Stale sessions',
            about: 'Dead, and still in memory. Good: fewer, and level.',
            unit: 'short',
            queries: [{ expr: `sum ${BY_RUN} (ttlscope_sessions${ofCohort('state="stale"')})`, legend: RUN }],
          }),
          lines({
            title: 'Heard a second',
            about:
              'expired events of sessions. Good: as soon as they fall due, which is the same in all runs of one scenario.',
            unit: 'ops',
            queries: [
              {
                expr: `sum ${BY_RUN} (rate(ttlscope_session_outcomes_total${ofCohort('outcome="expired"')}[$__rate_interval]))`,
                legend: RUN,
              },
            ],
          }),
        ],
      },
      {
        title: 'What it costs',
        panels: [
          lines({
            title: 'Memory used',
            about: 'Good: lower, where the sessions are the same.',
            unit: 'decbytes',
            span: 8,
            queries: [{ expr: `max ${BY_RUN} (ttlscope_redis_memory_used_bytes${ofNode()})`, legend: RUN }],
          }),
          lines({
            title: 'Processor time of the server',
            about:
              'Share of a processor, all threads. Good: lower. What hz and active-expire-effort cost is the difference.',
            unit: 'percentunit',
            span: 8,
            queries: [
              {
                expr: `sum ${BY_RUN} (rate(ttlscope_redis_cpu_seconds_total${ofNode()}[$__rate_interval]))`,
                legend: RUN,
              },
            ],
          }),
          lines({
            title: 'Evicted early, a second',
            about: 'Users logged out before their time. Good: 0.',
            unit: 'ops',
            span: 8,
            queries: [
              {
                expr: `sum ${BY_RUN} (rate(ttlscope_session_outcomes_total${ofCohort('outcome="evicted_early"')}[$__rate_interval]))`,
                legend: RUN,
              },
            ],
          }),
        ],
      },
    ],
  });
}
