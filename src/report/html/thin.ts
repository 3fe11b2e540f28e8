/** A value at a time; `null`: there is none. */
export type Sample = readonly [at: number, value: number | null];

/**
 * At most two samples for each of so many equal parts of the time, the least and the greatest of them in their order, so
 * that extremes survive. A part in which there was no value for some time keeps that gap.
 */
export function thin(samples: readonly Sample[], parts: number): Sample[] {
  if (samples.length <= 2 * parts) return [...samples];
  const from = samples[0]![0];
  const width = (samples.at(-1)![0] - from) / parts || 1;
  const groups: Sample[][] = Array.from({ length: parts }, () => []);
  for (const sample of samples) groups[Math.min(parts - 1, Math.floor((sample[0] - from) / width))]!.push(sample);
  return groups.flatMap(extremes);
}

function extremes(samples: readonly Sample[]): Sample[] {
  let least: Sample | null = null;
  let greatest: Sample | null = null;
  for (const sample of samples) {
    const [, value] = sample;
    if (value === null) continue;
    if (least === null || value < least[1]!) least = sample;
    if (greatest === null || value > greatest[1]!) greatest = sample;
  }
  const gap = samples.find(([, value]) => value === null);
  const kept = [...new Set([least, greatest, gap ?? null])].filter((sample) => sample !== null);
  return kept.sort(([a], [b]) => a - b);
}
