import type { Plan } from '../../src/load/plan.ts';

/** Every arrival, in the order in which they come. */
export function arrivalsOf(plan: Plan): { index: number; atMs: number }[] {
  const found: { index: number; atMs: number }[] = [];
  for (const cursor = plan.arrivals(); cursor.atMs < Number.POSITIVE_INFINITY; cursor.advance()) {
    found.push({ index: cursor.index, atMs: cursor.atMs });
  }
  return found;
}

/** Indexes of the sessions that a plan has from the start. */
export function filledOf(plan: Plan): number[] {
  return plan.filled().flatMap(({ first, end, step }) => {
    return Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, i) => first + i * step);
  });
}
