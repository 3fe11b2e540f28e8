import type { Result } from '../../result/schema.ts';
import { formatBytes, formatCount } from '../precision.ts';
import { chart } from './chart.ts';
import { lagTick } from './lag-ticks.ts';
import type { Markup } from './markup.ts';
import type { Sample } from './thin.ts';
import { type TimeAxis, timeAxis } from './time-axis.ts';

const count = { format: formatCount, whole: true };
const perSecond = { format: (rate: number) => `${rate.toLocaleString('en-US', { maximumFractionDigits: 2 })}/s` };

/** What happened in the run's time: each a chart, where there is something to show. */
export function overTime(result: Result): Markup[] {
  const { series, totals } = result;
  const { atSeconds, cohorts, heard, stale } = series;
  const time = timeAxis(result);
  const samples = (values: readonly (number | null)[]): Sample[] => values.map((value, i) => [atSeconds[i]!, value]);
  const due = heard.map((_, row) => Object.values(cohorts).reduce((sum, cohort) => sum + cohort.due[row]!, 0));
  const charts: Markup[] = [];
  const { row, p50, p90, p99 } = series.lagQuantiles;
  if (row.length > 0) {
    const quantile = (values: readonly (number | null)[]): Sample[] =>
      values.map((value, i) => [atSeconds[row[i]!]!, value]);
    charts.push(
      chart({
        title: 'Expiry lag so far, of all that fell due',
        about: 'At each moment, with what had not arrived by then as not arrived. No line: not reached.',
        lines: [
          { label: 'p99', colour: 'red', samples: quantile(p99) },
          { label: 'p90', colour: 'orange', samples: quantile(p90) },
          { label: 'p50', colour: 'blue', samples: quantile(p50) },
        ],
        x: time,
        y: { format: lagTick },
      }),
    );
  }
  charts.push(
    chart({
      title: 'Due against heard, a second',
      about: 'While fewer are heard than fall due, dead sessions pile up.',
      lines: [
        { label: 'fell due', colour: 'orange', samples: rates(atSeconds, due) },
        { label: 'heard', colour: 'blue', samples: rates(atSeconds, heard) },
      ],
      x: time,
      y: perSecond,
    }),
    chart({
      title: 'Stale sessions',
      about: 'Past their deadline and unheard: dead, and still in memory.',
      lines: [{ label: 'stale', colour: 'violet', samples: samples(stale) }],
      x: time,
      y: count,
    }),
  );
  const memory = memoryChart(result, time);
  if (memory !== null) charts.push(memory);
  if (totals.outcomes.evicted_early + totals.outcomes.evicted_stale > 0) {
    charts.push(
      chart({
        title: 'Evictions a second',
        about: 'Early: users logged out before their time.',
        lines: [
          { label: 'early', colour: 'red', samples: rates(atSeconds, series.evictedEarly) },
          { label: 'stale', colour: 'green', samples: rates(atSeconds, series.evictedStale) },
        ],
        x: time,
        y: perSecond,
      }),
    );
  }
  return charts;
}

function memoryChart({ series, serverSamples }: Result, time: TimeAxis): Markup | null {
  const { usedMemoryBytes, maxmemoryBytes } = serverSamples.series;
  if (usedMemoryBytes === undefined) return null;
  const sampled = (values: readonly (number | null)[]): Sample[] =>
    values.flatMap((value, i) =>
      serverSamples.atSeconds[i]! < time.domain[0] ? [] : [[serverSamples.atSeconds[i]!, value]],
    );
  const limited = maxmemoryBytes?.some((bytes) => bytes !== null && bytes > 0) ? maxmemoryBytes : null;
  return chart({
    title: 'Memory',
    about: 'Of the server, and how much of it the stale sessions hold.',
    lines: [
      { label: 'used', colour: 'blue', samples: sampled(usedMemoryBytes) },
      {
        label: 'stale sessions',
        colour: 'violet',
        samples: series.staleMemoryBytes.map((bytes, i) => [series.atSeconds[i]!, bytes]),
      },
      ...(limited === null
        ? []
        : [{ label: 'maxmemory', colour: 'quiet' as const, dashed: true, samples: sampled(limited) }]),
    ],
    x: time,
    y: { format: formatBytes },
  });
}

function rates(atSeconds: readonly number[], counts: readonly number[]): Sample[] {
  return counts.slice(1).map((total, i) => {
    const forSeconds = atSeconds[i + 1]! - atSeconds[i]!;
    return [atSeconds[i + 1]!, forSeconds > 0 ? (total - counts[i]!) / forSeconds : null];
  });
}
