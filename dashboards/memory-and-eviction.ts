import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, labelVariable, of } from './common.ts';
import { bars, heatmap, lines, stat, withLimits } from './panels.ts';

const ofPolicy = (...more: string[]): string => of('policy=~"$policy"', ...more);
const ofCohort = (...more: string[]): string => ofPolicy('cohort=~"$cohort"', ...more);
const ofNode = (...more: string[]): string => ofPolicy('node=~"$node"', ...more);
const evicted = (when: 'early' | 'stale', range: string): string =>
  `ttlscope_session_outcomes_total${ofCohort(`outcome="evicted_${when}"`)}[${range}]`;
const READS = (result: string): string =>
  `ttlscope_requests_total${ofPolicy('op=~"read|getex"', `result=~"${result}"`)}`;

/** Who is evicted for whom, under which policy. */
export function memoryAndEviction(): Dashboard {
  return dashboard({
    uid: 'ttlscope-memory-and-eviction',
    title: 'Memory and eviction',
    about: 'What fills the memory, and who is evicted for it, under each maxmemory-policy.',
    variables: [
      labelVariable(
        'policy',
        'Policy',
        'ttlscope_run_info{job=~"$job", run=~"$run"}',
        'maxmemory-policy of the server',
      ),
    ],
    rows: [
      {
        title: 'Memory',
        panels: [
          withLimits(
            lines({
              title: 'Used, stale and allowed',
              about:
                'What the stale hold could be used by the live. Good: used stays below maxmemory, stale is a small part of it. Raise maxmemory, or let the dead go sooner (hz, active-expire-effort).',
              unit: 'decbytes',
              queries: [
                {
                  expr: `max by (run, policy) (ttlscope_redis_memory_used_bytes${ofNode()})`,
                  legend: '{{run}} {{policy}} used',
                },
                {
                  expr: `sum by (run, policy) (ttlscope_stale_bytes${ofCohort()})`,
                  legend: '{{run}} {{policy}} stale',
                },
                {
                  expr: `max by (run, policy) (ttlscope_redis_memory_max_bytes${ofNode()}) > 0`,
                  legend: '{{run}} {{policy}} maxmemory',
                },
              ],
            }),
            '/maxmemory$/',
          ),
          lines({
            title: 'Share of the stale in what is used',
            about:
              'Good: below 5%. Above, sessions that are dead take the place of live ones: raise hz or active-expire-effort.',
            unit: 'percentunit',
            queries: [
              {
                expr: `sum by (run, policy) (ttlscope_stale_bytes${ofCohort()}) / max by (run, policy) (ttlscope_redis_memory_used_bytes${ofNode()})`,
                legend: '{{run}} {{policy}}',
              },
            ],
          }),
          lines({
            title: 'Fragmentation',
            about:
              'Resident memory to used memory. Good: 1.0 to 1.5 above 100 MB; of a small server it says little. Far above: activedefrag; below 1: the machine swaps.',
            unit: 'none',
            queries: [
              { expr: `max by (run) (ttlscope_redis_memory_fragmentation_ratio${ofNode()})`, legend: '{{run}}' },
            ],
          }),
          lines({
            title: 'Time above maxmemory, share',
            about:
              'Eviction could not keep up, and clients waited or were refused. Good: 0. Raise maxmemory-eviction-tenacity or maxmemory.',
            unit: 'percentunit',
            queries: [
              {
                expr: `max by (run) (rate(ttlscope_redis_eviction_exceeded_seconds_total${ofNode()}[$__rate_interval]))`,
                legend: '{{run}}',
              },
            ],
          }),
        ],
      },
      {
        title: 'Evictions',
        panels: [
          lines({
            title: 'Evictions a second: early and stale',
            about:
              'Early: users logged out before their time. Stale: the dead, whom nobody misses. Good: none early. More maxmemory; a volatile-ttl policy takes those that end soonest.',
            unit: 'ops',
            queries: [
              { expr: `sum by (policy) (rate(${evicted('early', '$__rate_interval')}))`, legend: '{{policy}} early' },
              { expr: `sum by (policy) (rate(${evicted('stale', '$__rate_interval')}))`, legend: '{{policy}} stale' },
            ],
          }),
          heatmap({
            title: 'TTL that was left to the evicted (early only)',
            about:
              'What users lost. Good: short, as under volatile-ttl; spread over all TTLs: the policy does not look at them.',
            unit: 's',
            queries: [
              {
                expr: `sum by (le) (increase(ttlscope_evicted_remaining_ttl_seconds_bucket${ofCohort()}[$__rate_interval]))`,
                legend: '{{le}}',
              },
            ],
          }),
          lines({
            title: 'Hit rate of requests',
            about:
              'Reads (GETEX too) that found their session. Good: what it is without eviction; the difference is users who were logged out.',
            unit: 'percentunit',
            queries: [
              {
                expr: `sum by (policy) (rate(${READS('done')}[$__rate_interval])) / sum by (policy) (rate(${READS('done|gone|absent')}[$__rate_interval]))`,
                legend: '{{policy}}',
              },
            ],
          }),
          lines({
            title: 'How long the evicted stale had been dead, p50 (evicted only)',
            about:
              'From the histogram, to a factor of 2.5. Long: the expire cycle left them to eviction. Raise hz or active-expire-effort.',
            unit: 's',
            queries: [
              {
                expr: `histogram_quantile(0.5, sum by (le, policy) (rate(ttlscope_evicted_overdue_seconds_bucket${ofCohort()}[$__rate_interval])))`,
                legend: '{{policy}}',
              },
            ],
          }),
        ],
      },
      {
        title: 'Policies side by side, in the time shown',
        panels: [
          bars({
            title: 'Evicted early, by policy',
            about:
              'Of runs of the same scenario under several policies: the fewer the better. allkeys policies take sessions of people who are there; volatile-ttl takes those that end first.',
            unit: 'short',
            span: 8,
            queries: [{ expr: `sum by (policy) (increase(${evicted('early', '$__range')}))`, legend: '{{policy}}' }],
          }),
          bars({
            title: 'Evicted stale, by policy',
            about: 'The dead that eviction took: harmless, and the more of all evictions the better.',
            unit: 'short',
            span: 8,
            queries: [{ expr: `sum by (policy) (increase(${evicted('stale', '$__range')}))`, legend: '{{policy}}' }],
          }),
          bars({
            title: 'Median TTL that was left, by policy (early only)',
            about: 'What the evicted lost. Good: short, or no bar at all.',
            unit: 's',
            span: 8,
            queries: [
              {
                expr: `histogram_quantile(0.5, sum by (le, policy) (increase(ttlscope_evicted_remaining_ttl_seconds_bucket${ofCohort()}[$__range]))) >= 0`,
                legend: '{{policy}}',
              },
            ],
          }),
          stat({
            title: 'Sessions refused, by policy',
            about:
              'Logins that the server turned away (OOM). Good: 0. Under noeviction, and under volatile policies when what is full has no TTL.',
            unit: 'short',
            span: 24,
            queries: [
              {
                expr: `sum by (policy) (increase(ttlscope_session_outcomes_total${ofCohort('outcome="refused"')}[$__range]))`,
                legend: '{{policy}}',
              },
            ],
            good: [0.5, 1],
          }),
        ],
      },
    ],
  });
}
