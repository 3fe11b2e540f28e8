/** The share `index` of `of` of a plan: the sessions whose index modulo `of` is `index` − 1. */
export interface Segment {
  index: number;
  of: number;
}

/** The first index of the segment at or after `from`. */
export function firstOf(from: number, { index, of }: Segment): number {
  return from + ((((index - 1 - from) % of) + of) % of);
}

/** How many of the first `count` indexes are the segment's. */
export function countOf(count: number, { index, of }: Segment): number {
  return Math.floor((count - index + of) / of);
}
