/** One line of what Prometheus scrapes. */
export interface ScrapedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads the text format or OpenMetrics, as far as ttlscope writes them. @throws {Error} with a line that is neither */
export function parseExposition(text: string): ScrapedSample[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)(?: [\d.]+)?$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${line}`);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, quoted]) => [
      label!,
      quoted!.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)),
    ]);
    return [{ name, labels: Object.fromEntries(pairs), value: readValue(value!) }];
  });
}

function readValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text.toLowerCase() === 'nan' ? Number.NaN : Number(text);
}

/** The value of the one sample that has this name and these labels, beside others. @throws {Error} where it is not one */
export function sampleValue(
  samples: readonly ScrapedSample[],
  name: string,
  labels: Record<string, string> = {},
): number {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (found.length !== 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
  return found[0]!.value;
}
