import type { Result } from '../result/schema.ts';
import { formatCount } from './precision.ts';

/** What visitors met; `null`: each found its session. */
export function foundGoneText({ totals: { foundGone, foundGoneEarly } }: Result): string | null {
  if (foundGone === 0) return null;
  return `Visitors: ${formatCount(foundGone)} found their session gone, ${formatCount(foundGoneEarly)} of them before its deadline.`;
}
