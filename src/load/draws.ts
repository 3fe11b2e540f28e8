/**
 * Counter-based draws: a uniform number of [0, 1) that is a function of (seed, cohort, index, draw) alone, so that no
 * session's draws depend on another's. The counters are mixed by the finalizer of MurmurHash3 (Appleby 2011), a round for
 * each, twice for 53 bits.
 */
export function uniform(seed: number, cohort: number, index: number, draw: number): number {
  const high = hash(seed, cohort, index, draw, 0x9e3779b9);
  const low = hash(seed, cohort, index, draw, 0x85ebca77);
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
}

function hash(seed: number, cohort: number, index: number, draw: number, salt: number): number {
  let h = mix(seed ^ salt);
  h = mix(h ^ (Math.floor(seed / 4294967296) + Math.imul(cohort + 1, 0x27d4eb2f)));
  h = mix(h ^ Math.imul(index + 1, 0x165667b1));
  return mix(h ^ Math.imul(draw + 1, 0x9e3779b1));
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
