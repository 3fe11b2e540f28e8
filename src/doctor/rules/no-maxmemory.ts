import { infoNumber } from '../../redis/info.ts';
import { formatBytes } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { typed } from '../seen.ts';

/** Without a limit sessions, dead ones among them, take memory until the kernel ends the server, and all are gone. */
export const noMaxmemory = rule({
  id: 'no-maxmemory',
  needs: [],
  examine(examination): Finding[] {
    const { now } = examination;
    if (infoNumber(now, 'maxmemory') !== 0) return [];
    const used = infoNumber(now, 'used_memory') ?? 0;
    const machine = infoNumber(now, 'total_system_memory');
    return [
      {
        severity: 'warning',
        title: 'Memory has no limit: when the machine has no more, the server is ended, and every session with it',
        evidence: `maxmemory is 0; ${formatBytes(used)} are used${machine === null ? '' : ` of the machine's ${formatBytes(machine)}`}`,
        remedy: `${typed(examination, 'CONFIG', 'SET', 'maxmemory', '…')}, with room for forks and output buffers; which policy: ttlscope sweep scenarios/eviction.yml --over maxmemory-policy=all`,
      },
    ];
  },
});
