import { formatCount } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { callsOf } from '../seen.ts';

/** A long SCAN deletes the dead keys that it meets, just ahead of the cycle's cursor, which then thinks that few are dead. */
export const scans = rule({
  id: 'scans',
  needs: [],
  examine(examination): Finding[] {
    const [scan, keys] = [callsOf(examination, 'scan'), callsOf(examination, 'keys')];
    if (scan.grown + keys.grown === 0) return [];
    return [
      {
        severity: 'warning',
        title: 'Somebody goes through all keys: that disturbs the expire cycle, and KEYS holds up every command',
        evidence: `${formatCount(scan.grown)} SCAN and ${formatCount(keys.grown)} KEYS in the last ${examination.seconds.toFixed(1)} s; since the start of its counts ${formatCount(scan.total)} and ${formatCount(keys.total)}`,
        remedy: 'keep a set or a sorted set of what is looked for; for backups use a replica',
        source: 'https://github.com/redis/redis/issues/15411',
      },
    ];
  },
});
