import { DEFINITIONS, RUN_LABELS } from '../src/metrics/definitions.ts';
import { markdownTable } from './markdown-table.ts';

/** docs/metrics.md: what is written by hand, and the table of every metric. */
export function metricsDocs(): string {
  const metrics = Object.values(DEFINITIONS).map(({ name, type, labels, help }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    help,
  ]);
  return `${INTRODUCTION}
Labels of all of them: ${RUN_LABELS.map(code).join(', ')}; the table has those beside. ${LABELS}

${markdownTable(['metric', 'type', 'labels', 'what it is'], metrics)}
${HOW}`;
}

const code = (text: string): string => `\`${text}\``;

const PATHS = markdownTable(
  ['path', 'answers'],
  [
    [code('/metrics'), "Prometheus' text format, or OpenMetrics where the client asks for it"],
    [code('/healthz'), '200 while the process lives'],
    [
      code('/readyz'),
      '200 from the time when there is a run to tell of: the server has been prepared. Before it 503, and `/metrics` is empty',
    ],
  ],
);

const INTRODUCTION = `<!-- Written by npm run schemas from src/metrics/definitions.ts. -->

# Metrics

\`\`\`sh
ttlscope run scenarios/eviction.yml --metrics                          # at 127.0.0.1:9847
ttlscope run scenarios/eviction.yml --metrics 127.0.0.1:9900 --metrics-linger 30s
ttlscope run scenarios/eviction.yml --push-gateway http://gateway:9091 # for runs too short to be scraped
\`\`\`

${PATHS}

\`--metrics-linger\` keeps what the end says for so long, so that the last scrape is not missed; a signal ends that. At a loopback address only loopback names are answered (the Host header
is checked, against DNS rebinding); at another address everyone is: nothing there is secret, but choose.

A quantile of a histogram counts what was delivered, and flatters a server that delivers late: so there are two. \`ttlscope_expiry_lag_seconds\` is the histogram.
\`ttlscope_expiry_lag_quantile_seconds\` counts every session that fell due, the stale as waiting (Aalen-Johansen, [method.md](method.md)): \`+Inf\` is a quantile that was not reached, \`NaN\`
that none fell due. \`ttlscope_oldest_stale_seconds\` is the floor of what has not arrived.
`;

const LABELS = `\`node\` is the server as a URL, without credentials. Every label set that can occur is there from the start, at 0, so that
\`increase()\` sees the first event; a field that the server does not tell is absent, never 0.`;

const HOW = `
Histograms go from 1 ms to 1 h for lags (each bound at most 2.5 times the one before), from 0.1 s to 30 days for TTLs, from 50 µs to 10 s for delays of the instrument.

## What it costs

The endpoint is a thread of its own. It reads the memory in which the ledger counts; the load does no more for it than to post its status once a second. What is
live, stale, and since when, comes from counters by cohort and deadline that the ledger keeps as it goes; no scrape passes over sessions. Quantiles are worked out between
scrapes, in at most 1% of a processor's time. With 10 million sessions and 3,000 arrivals a second, on 2 cores shared with the server, 65 scrapes took 2.5 ms in
the median and 5 ms at most; while the 10 million were being created as fast as the server takes them, 4.6 ms in the median and 19 ms at most, of which all but 1 to 2 ms is waiting for a processor.
What a run loses by being scraped and watched is in [bench.md](bench.md).

## Past runs

\`ttlscope export RESULT… --openmetrics\` writes results as OpenMetrics, every sample with its time, by the same names and labels, and \`job="ttlscope"\` as if scraped; \`promtool\` makes blocks of it that a Prometheus serves:

\`\`\`sh
ttlscope export ttlscope-results/A ttlscope-results/B --openmetrics --align 2026-01-02T03:04:05Z --out runs.om
promtool tsdb create-blocks-from openmetrics runs.om data/
\`\`\`

\`--align\` lets all measurements begin at one time, so that the dashboard _Compare runs_ lays them over each other. Of the instrument, the verdict and what thresholds are held against there is one sample, at
the end; the histograms of slip and delivery are not in a result, and the lag's has no sum.
`;
