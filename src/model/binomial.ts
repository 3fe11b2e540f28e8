/** Above this mean, and with so much room on both sides, a binomial distribution is taken as normal. */
const NORMAL_FROM = 50;

/**
 * P[Binomial(n, p) ≤ k]: summed term by term from below, as normal with a correction for continuity where the variance is
 * above 50.
 *
 * @throws {RangeError} unless n is a whole number ≥ 0 and p is from 0 to 1
 */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (!Number.isInteger(n) || n < 0 || !(p >= 0 && p <= 1)) throw new RangeError(`Binomial(${n}, ${p})`);
  if (k < 0) return 0;
  if (k >= n) return 1;
  if (p > 0.5) return 1 - binomialAtMost(n - k - 1, n, 1 - p);
  const variance = n * p * (1 - p);
  if (variance > NORMAL_FROM) return normalBelow((k + 0.5 - n * p) / Math.sqrt(variance));
  let term = Math.exp(n * Math.log1p(-p));
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= ((n - i + 1) / i) * (p / (1 - p));
    sum += term;
  }
  return Math.min(1, sum);
}

/** Standard normal distribution function, to 7.5e-8 (Abramowitz and Stegun, 26.2.17). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z > 0 ? 1 - tail : tail;
}
