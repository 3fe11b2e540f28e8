import type { Plan } from '../../src/load/plan.ts';

/** Every arrival, in the order in which they come. */
export function arrivalsOf(plan: Plan): { index: number; atMs: number }[] {
  const found: { index: number; atMs: number }[] = [];
  for (const cursor = plan.arrivals(); cursor.atMs < Number.POSITIVE_INFINITY; cursor.advance()) {
    found.push({ index: cursor.index, atMs: cursor.atMs });
  }
  return found;
}
