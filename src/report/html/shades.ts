import type { FigureKind } from '../../experiment/figures.ts';
import { compareFigures, differBeyondSpread, type Spread } from '../../experiment/spread.ts';

/** The darkest; 0 is none. */
export const DARKEST = 5;

/**
 * How much worse each cell is than the best of its column. No shade: it is the best, or no different from it within the
 * spread. What was not reached is darkest, beside a best that was.
 */
export function shadesOf(spreads: readonly (Spread | null)[], better: FigureKind['better']): number[] {
  if (better === null) return spreads.map(() => 0);
  const known = spreads.filter((spread) => spread !== null);
  const sign = better === 'less' ? 1 : -1;
  const [best] = known.toSorted((a, b) => sign * compareFigures(a.median, b.median));
  const medians = known.flatMap(({ median }) => (typeof median === 'number' ? [median] : []));
  const range = Math.max(...medians) - Math.min(...medians);
  return spreads.map((spread) => {
    if (spread === null || sign * differBeyondSpread(best!, spread) >= 0) return 0;
    const [from, to] = [best!.median, spread.median];
    if (typeof from !== 'number' || typeof to !== 'number') return DARKEST;
    return Math.max(1, Math.round((Math.abs(to - from) / range) * DARKEST));
  });
}
