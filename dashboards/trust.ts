import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, of, ofNode, VERDICT } from './common.ts';
import { lines, logLines, stat, withLimits } from './panels.ts';
import { thresholds, withThresholds } from './thresholds.ts';

const p99 = (metric: string): string =>
  `histogram_quantile(0.99, sum by (run, le) (rate(${metric}_bucket${of()}[$__rate_interval])))`;

/** Whether the numbers can be trusted. */
export function trust(): Dashboard {
  return dashboard({
    uid: 'ttlscope-trust',
    title: 'Trust',
    about: 'What the instrument reports of itself: whether its numbers are true.',
    rows: [
      {
        title: 'The verdict',
        panels: [
          stat({
            title: 'Verdict',
            about: 'Pending while a run lasts. Good: valid. The result and the live page give the reasons in words.',
            unit: 'short',
            span: 8,
            queries: [{ expr: VERDICT, legend: '{{run}} {{state}}' }],
            show: 'name',
          }),
          stat({
            title: 'Reasons against it so far',
            about: 'Good: 0. From 1 on the run will be invalid.',
            unit: 'short',
            span: 8,
            queries: [{ expr: `max(ttlscope_run_faults${of()})`, legend: 'reasons' }],
            good: [0.5, 1],
          }),
          stat({
            title: 'Gaps of the observer',
            about:
              'Times in which events may have been missed, in the time shown. Good: 0. Else client-output-buffer-limit pubsub is too small, or a proxy cut the connection.',
            unit: 'short',
            span: 8,
            queries: [{ expr: `sum(increase(ttlscope_observer_gaps_total${ofNode()}[$__range]))`, legend: 'gaps' }],
            good: [0.5, 1],
          }),
        ],
      },
      {
        title: 'Time',
        panels: [
          logLines({
            title: 'Error of the clock',
            about:
              "Bound of the error of the server's clock as the harness knows it. Good: below 1 ms on one machine, a few ms in a network; from 50 ms on a run is invalid. Run the harness nearer to the server.",
            unit: 's',
            queries: [{ expr: `max by (run) (ttlscope_clock_error_seconds${of()})`, legend: '{{run}}' }],
          }),
          withThresholds(
            logLines({
              title: 'Delivery delay p99',
              about:
                'PUBLISH at the server to its arrival at the observer: part of every lag. Dashed: the thresholds of the scenario. Good: below 1 ms on one machine. Else the server is saturated or its output buffers fill.',
              unit: 's',
              queries: [
                { expr: p99('ttlscope_delivery_delay_seconds'), legend: '{{run}}' },
                thresholds('metric="delivery_delay"'),
              ],
            }),
          ),
        ],
      },
      {
        title: 'The harness',
        panels: [
          logLines({
            title: 'Event-loop delay p99 by thread',
            about:
              'How late a timer fires. Good: below 5 ms for the observer, whose delay is in every lag. Above: give the harness a processor of its own.',
            unit: 's',
            queries: [
              {
                expr: `max by (run, thread) (ttlscope_event_loop_delay_seconds${of('quantile="0.99"')})`,
                legend: '{{run}} {{thread}}',
              },
            ],
          }),
          withThresholds(
            logLines({
              title: 'Schedule slip p99',
              about:
                'How late requests were sent, from their intended time. Dashed: the thresholds of the scenario. Good: below 10 ms; from 100 ms on a run is invalid. Less load, or a faster machine.',
              unit: 's',
              queries: [
                { expr: p99('ttlscope_schedule_slip_seconds'), legend: '{{run}}' },
                thresholds('metric="schedule_slip"'),
              ],
            }),
          ),
        ],
      },
      {
        title: 'The book-keeping',
        panels: [
          lines({
            title: 'Stale sessions, counted two ways',
            about:
              'By the ledger, and by the server (keys with a TTL, less the live). Good: the lines lie on each other. Else someone else writes to the database.',
            unit: 'short',
            queries: [
              { expr: `max by (run, source) (ttlscope_stale_check_sessions${of()})`, legend: '{{run}} {{source}}' },
            ],
          }),
          withLimits(
            lines({
              title: 'Output buffer against its limit',
              about:
                'The largest of the last seconds, of any client. Good: far below the limit of a subscriber, at which the server cuts it. 0 as limit: none. Raise client-output-buffer-limit pubsub.',
              unit: 'decbytes',
              queries: [
                {
                  expr: `max by (run) (ttlscope_redis_client_recent_max_output_buffer_bytes${ofNode()})`,
                  legend: '{{run}} buffer',
                },
                {
                  expr: `max by (run) (ttlscope_redis_pubsub_output_buffer_limit_bytes${ofNode()})`,
                  legend: '{{run}} limit',
                },
              ],
            }),
            '/limit$/',
          ),
          lines({
            title: 'Commands of the load without a good reply, a second',
            about: 'Refused by the server, or never answered. Good: 0.',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (run, result) (rate(ttlscope_requests_total${of('result=~"refused|unanswered"')}[$__rate_interval]))`,
                legend: '{{run}} {{result}}',
              },
            ],
          }),
          lines({
            title: 'Clients connected',
            about: 'Those of the harness included. Good: no others, whose writes and reads change what is measured.',
            unit: 'short',
            queries: [{ expr: `max by (run) (ttlscope_redis_connected_clients${ofNode()})`, legend: '{{run}}' }],
          }),
        ],
      },
    ],
  });
}
