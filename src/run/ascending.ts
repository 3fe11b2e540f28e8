/** First position from which on the condition holds, of values where it does once it has; their number where it never does. */
function firstWhere(ascending: readonly number[], holds: (value: number) => boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(ascending[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** First position whose value is > x, of ascending values. */
export function after(ascending: readonly number[], x: number): number {
  return firstWhere(ascending, (value) => value > x);
}

/** First position whose value is ≥ x, of ascending values. */
export function notBefore(ascending: readonly number[], x: number): number {
  return firstWhere(ascending, (value) => value >= x);
}
