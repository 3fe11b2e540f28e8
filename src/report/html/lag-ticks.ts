/** Where a logarithmic scale of lags has its lines, seconds. */
export const LAG_TICKS = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000] as const;

/** The same between two lags; where these are not far apart, at 1, 2 and 5 of each power of ten. */
export function lagTicks(from: number, to: number): number[] {
  const decades = Array.from({ length: 9 }, (_, i) => i - 4);
  const close = decades.flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)));
  return (to / from > 100 ? LAG_TICKS : close).filter((tick) => tick >= from && tick <= to);
}

/** A lag at which a line of a scale stands: exact, and so without the zeros that would tell of a precision. */
export function lagTick(seconds: number): string {
  if (seconds === 0) return '0';
  const exact = (value: number): number => Number(value.toPrecision(6));
  if (seconds < 1) return `${exact(seconds * 1000)} ms`;
  return seconds >= 600 && seconds % 60 === 0 ? `${seconds / 60} min` : `${exact(seconds)} s`;
}
