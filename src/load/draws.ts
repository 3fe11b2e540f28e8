/**
 * Counter-based draws: a uniform number of [0, 1), in steps of 2^-32, that is a function of (seed, cohort, index, draw)
 * alone, so that no session's draws depend on another's. Each counter is mixed in by the finalizer of MurmurHash3
 * (Appleby 2011).
 */
export function uniform(seed: number, cohort: number, index: number, draw: number): number {
  return uniformOf(drawsOf(seed, cohort), index, draw);
}

/** What the draws of a cohort have in common, for `uniformOf` and `hashOf`. */
export function drawsOf(seed: number, cohort: number): number {
  const h = mix(seed ^ 0x9e3779b9);
  return mix(h ^ (Math.floor(seed / 2 ** 32) + Math.imul(cohort + 1, 0x27d4eb2f)));
}

/** `uniform` with the seed and the cohort mixed in before. */
export function uniformOf(draws: number, index: number, draw: number): number {
  return hashOf(draws, index, draw) / 2 ** 32;
}

/** The same as a whole number of 32 bits. */
export function hashOf(draws: number, index: number, draw: number): number {
  const h = mix(draws ^ Math.imul(index + 1, 0x165667b1));
  return mix(h ^ Math.imul(draw + 1, 0x9e3779b1)) >>> 0;
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
