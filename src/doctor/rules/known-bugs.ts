import { type Finding, rule } from '../rule.ts';

/** Mended in this version of Redis. */
const MENDED = [8, 10] as const;

/**
 * The fast cycle's trigger compares a share with a percentage, and never fires: dead sessions wait for the slow cycle. Known of
 * Redis from 6.0 on; of the forks it is not told here.
 */
export const knownBugs = rule({
  id: 'known-bugs',
  needs: [],
  examine({ engine, version }): Finding[] {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const isMended = major > MENDED[0] || (major === MENDED[0] && minor >= MENDED[1]);
    if (engine !== 'redis' || major < 6 || isMended) return [];
    return [
      {
        severity: 'info',
        title: 'The fast expire cycle of this version runs only after a slow one has run out of its time',
        evidence: `redis ${version}; a share from 0 to 1 is compared with a percentage from 1 to 10`,
        remedy: `raise hz or active-expire-effort, or use Redis ${MENDED.join('.')} or later`,
        source: 'https://github.com/redis/redis/pull/15412',
      },
    ];
  },
});
