const BARS = '▁▂▃▄▅▆▇█';

/** Counts as bars of eight heights, the highest for `most`; a blank for none. */
export function sparkline(counts: readonly number[], most = Math.max(...counts)): string {
  return counts
    .map((count) => (count === 0 ? ' ' : BARS[Math.min(BARS.length - 1, Math.floor((count / most) * BARS.length))]))
    .join('');
}
