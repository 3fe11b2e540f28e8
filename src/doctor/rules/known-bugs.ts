import { type Facts, ifTold } from '../facts.ts';
import type { Finding, Rule } from '../rule.ts';

type Version = readonly [major: number, minor: number, patch: number];

interface Bug {
  /** By engine: the first version that has it, and the first that has it no more. */
  versions: Readonly<Record<string, readonly [from: Version, until: Version]>>;
  finding(facts: Facts): Finding;
}

const BUGS: readonly Bug[] = [
  {
    // Redis by its release notes. The others were measured, 7.3.6 and 8.0, 8.1, 9.1: between two slow cycles the estimate stays
    // above the acceptable share while thousands of loops go by, where each fast cycle would move it.
    versions: {
      redis: [
        [6, 0, 0],
        [8, 10, 0],
      ],
      redict: [
        [7, 3, 0],
        [7, 4, 0],
      ],
      valkey: [
        [7, 2, 0],
        [9, 2, 0],
      ],
    },
    finding: deadFastCycle,
  },
  {
    versions: {
      valkey: [
        [8, 1, 0],
        [8, 1, 4],
      ],
    },
    finding: (facts) => ({
      severity: 'warning',
      title: 'The expire cycle of this version can crash the server',
      evidence: `${named(facts)}: the cycle may use memory that was freed as its table of keys shrank; mended in 8.1.4.`,
      remedy: 'Upgrade, unless your distribution has put the change into its package.',
      source: 'https://github.com/valkey-io/valkey/pull/2257',
    }),
  },
];

export const knownBugs: Rule = {
  id: 'known-bugs',
  question: 'has this version a known bug that concerns expiry?',
  examine(facts) {
    return BUGS.filter(({ versions }) => isWithin(facts, versions)).map(({ finding }) => finding(facts));
  },
};

/** The fast cycle is to run when the estimate of stale keys is above what the effort accepts; it compares them wrongly. */
function deadFastCycle(facts: Facts): Finding {
  const stalePercent = facts.number('expired_stale_perc');
  const effort = ifTold(() => Number(facts.settingOf('active-expire-effort')));
  const acceptablePercent = effort === null ? null : 11 - effort;
  const isFelt = acceptablePercent !== null && stalePercent >= acceptablePercent && !facts.isReplica;
  return {
    severity: isFelt ? 'warning' : 'info',
    title: 'The fast expire cycle does not run in this version unless the slow one runs out of time',
    evidence:
      `${named(facts)}; ${stalePercent}% of the keys that the cycle looks at are stale` +
      (acceptablePercent === null
        ? '.'
        : `, and from ${acceptablePercent}% on it should run${isFelt ? ': it would delete them sooner' : ''}.`),
    remedy:
      facts.engine === 'redis'
        ? 'It is mended in 8.10. Before that, raise hz: the slow cycle does not depend on it.'
        : 'Raise hz: the slow cycle does not depend on it.',
    source: 'https://github.com/redis/redis/pull/15412',
  };
}

function named({ engine, version }: Facts): string {
  return `${engine} ${version}`;
}

function isWithin({ engine, version }: Facts, versions: Bug['versions']): boolean {
  const range = versions[engine];
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return range !== undefined && !isBefore([major, minor, patch], range[0]) && isBefore([major, minor, patch], range[1]);
}

function isBefore(a: Version, b: Version): boolean {
  const differing = a.findIndex((part, i) => part !== b[i]);
  return differing >= 0 && a[differing]! < b[differing]!;
}
