export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** The mean, and its standard error. */
export function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

/** Runs both sides `pairs` times, side by side, in an order that is shuffled for each pair by a fixed sequence. */
export async function interleaved<A, B>(
  pairs: number,
  one: () => Promise<A>,
  other: () => Promise<B>,
): Promise<[A, B][]> {
  const found: [A, B][] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const isReversed = Math.imul(pair + 1, 0x9e3779b1) >>> 31 === 1;
    if (isReversed) {
      const second = await other();
      found.push([await one(), second]);
    } else {
      const first = await one();
      found.push([first, await other()]);
    }
  }
  return found;
}
