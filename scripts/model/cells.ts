/** Sessions of 1 h, and sessions beside them that fall due: so many a second, or so many at once. */
export interface Cell {
  live: number;
  perSecond: number;
  burst: number;
  hz: number;
  effort: number;
  /** Of a steady rate at the same time, its sessions counted together; of a burst one after the other. */
  runs: number;
}

/** TTL of the sessions that fall due. */
export const TTL_SECONDS = 1;

const steady = (live: number, perSecond: number, hz: number, effort: number, runs = 1): Cell => {
  return { live, perSecond, burst: 0, hz, effort, runs };
};
const burst = (live: number, burst: number, hz: number, effort: number, runs = 1): Cell => {
  return { live, perSecond: 0, burst, hz, effort, runs };
};

/** The longest first; those that need much of a processor last, as they run alone. */
export const CELLS: readonly Cell[] = [
  steady(1_000, 0.1, 100, 1, 6),
  steady(1_000, 5, 10, 1),
  steady(100_000, 1_000, 100, 1),
  steady(100_000, 1_000, 10, 5),
  steady(100_000, 10, 100, 10),
  steady(10_000, 200, 10, 1),
  steady(5_800, 200, 10, 1),
  steady(10_000, 100, 10, 5),
  steady(10_000, 20, 100, 5),
  steady(10_000, 100, 100, 1),
  steady(10_000, 100, 10, 10),
  steady(10_000, 1_000, 10, 1),
  steady(1_000, 50, 10, 1),
  burst(100_000, 1_000, 10, 1),
  burst(100_000, 1_000, 100, 1),
  burst(100_000, 10_000, 10, 5),
  burst(10_000, 1_000, 10, 1),
  burst(10_000, 1_000, 100, 1, 5),
  burst(10_000, 300, 10, 10, 3),
  burst(0, 100_000, 10, 1, 5),
  steady(10_000, 10_000, 10, 1),
  steady(100_000, 10_000, 10, 1),
];

export function nameOf({ live, perSecond, burst, hz, effort }: Cell): string {
  const due = burst > 0 ? `${burst} at once` : `${perSecond}/s`;
  return `${live} live, ${due}, hz ${hz}, effort ${effort}`;
}
