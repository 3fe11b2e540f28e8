import type { Result } from '../result/schema.ts';
import { DEFINITIONS, type MetricName } from './definitions.ts';
import { samplesOf, type TimedSample } from './past-samples.ts';

/**
 * Results as OpenMetrics, every sample with its time, for `promtool tsdb create-blocks-from openmetrics`: by the names and
 * labels of a live run, so that dashboards show past runs too. What a result has over time is told over time, what it has
 * of the end only at its end.
 *
 * @param alignAtMs the start of every run's measurement, Unix ms; `null`: when it was
 */
export function* exportOpenMetrics(results: readonly Result[], alignAtMs: number | null): Generator<string> {
  for (const [name, definition] of Object.entries(DEFINITIONS) as [MetricName, (typeof DEFINITIONS)[MetricName]][]) {
    const { type, help } = definition;
    const family = type === 'counter' ? definition.name.replace(/_total$/, '') : definition.name;
    const lines = results.flatMap((result) => {
      const { run, scenario, server } = result;
      const policy = server.settings['maxmemory-policy'] ?? 'unknown';
      const shared = { run, scenario: String(scenario.name), policy };
      const startSeconds = (alignAtMs ?? result.measuredFromMs) / 1000;
      return inOrder(samplesOf(name, result)).map(({ labels, atSeconds, value, suffix = '' }) => {
        const at = (startSeconds + atSeconds).toFixed(3);
        return `${definition.name}${suffix}${printLabels({ ...labels, ...shared })} ${printValue(value)} ${at}\n`;
      });
    });
    if (lines.length === 0) continue;
    yield `# HELP ${family} ${help.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}\n# TYPE ${family} ${type}\n`;
    yield lines.join('');
  }
  yield '# EOF\n';
}

/** OpenMetrics wants the samples of one series together, ascending in time. */
function inOrder(samples: readonly TimedSample[]): TimedSample[] {
  const series = new Map<string, TimedSample[]>();
  for (const sample of samples) {
    const key = JSON.stringify([sample.suffix, sample.labels]);
    const of = series.get(key);
    if (of) of.push(sample);
    else series.set(key, [sample]);
  }
  return [...series.values()].flat();
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([label, value]) => `${label}="${quoted(value)}"`)
    .join(',')}}`;
}

function printValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return Number.isNaN(value) ? 'NaN' : String(value);
}
