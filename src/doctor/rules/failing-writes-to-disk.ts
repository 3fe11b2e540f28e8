import { formatCount } from '../../report/precision.ts';
import type { Facts } from '../facts.ts';
import type { Finding, Rule, Severity } from '../rule.ts';

/** After a failed rewrite the AOF is as good as before, and longer. */
const WRITES: readonly { field: string; what: string; severity: Severity }[] = [
  { field: 'rdb_last_bgsave_status', what: 'save of the RDB', severity: 'error' },
  { field: 'aof_last_write_status', what: 'write to the AOF', severity: 'error' },
  { field: 'aof_last_bgrewrite_status', what: 'rewrite of the AOF', severity: 'warning' },
];

export const failingWritesToDisk: Rule = {
  id: 'failing-writes-to-disk',
  question: 'could the server write to its disk when it last tried?',
  examine(facts) {
    return WRITES.filter(({ field }) => facts.text(field) !== 'ok').map(({ field, what, severity }): Finding => {
      return {
        severity,
        title:
          severity === 'error'
            ? `The last ${what} failed: sessions since then are gone after a restart, or are refused`
            : `The last ${what} failed: it grows, and a restart takes longer`,
        evidence: `${field}:${facts.text(field)}. ${refused(facts)}`,
        remedy: 'See the log of the server, the room on its disk, and who may write in its directory.',
      };
    });
  },
};

/** By stop-writes-on-bgsave-error, which is on by default, and always where the AOF cannot be written. */
function refused({ now }: Facts): string {
  const count = Number(/count=(\d+)/.exec(now.get('errorstat_MISCONF') ?? '')?.[1] ?? 0);
  return `Writes refused for it since the start (MISCONF): ${formatCount(count)}.`;
}
