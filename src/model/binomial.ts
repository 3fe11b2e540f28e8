/**
 * P[Binomial(n, p) ≤ k], summed term by term from below.
 *
 * @throws {RangeError} unless n is a whole number ≥ 0 and p is from 0 to 1
 */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (!Number.isInteger(n) || n < 0 || !(p >= 0 && p <= 1)) throw new RangeError(`Binomial(${n}, ${p})`);
  if (k < 0) return 0;
  if (k >= n || p === 0) return 1;
  if (p === 1) return 0;
  let term = Math.exp(n * Math.log1p(-p));
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= ((n - i + 1) / i) * (p / (1 - p));
    sum += term;
  }
  return Math.min(1, sum);
}
