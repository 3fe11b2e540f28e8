import { formatCount, formatShare } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { fullness, policyOf } from '../seen.ts';

/** From here on the next rush fills it. */
const NEARLY_FULL = 0.9;

/** A server that is full and may not evict refuses to save sessions: nobody can log in. */
export const refusals = rule({
  id: 'refusals',
  needs: [],
  examine(examination): Finding[] {
    const full = fullness(examination);
    const policy = policyOf(examination);
    const count = ({ before, now }: typeof examination, which: 'before' | 'now'): number =>
      Number(/count=(\d+)/.exec((which === 'now' ? now : before).get('errorstat_OOM') ?? '')?.[1] ?? 0);
    const total = count(examination, 'now');
    const grown = total - count(examination, 'before');
    const isNearlyFull = policy === 'noeviction' && full !== null && full >= NEARLY_FULL;
    if (total === 0 && !isNearlyFull) return [];
    const used =
      full === null ? 'there is no maxmemory' : `maxmemory is ${formatShare(Math.round(full * 1000), 1000)} used`;
    return [
      {
        severity: grown > 0 || isNearlyFull ? 'error' : 'warning',
        title:
          grown > 0
            ? 'Sessions are being refused: nobody can log in'
            : total > 0
              ? 'Writes have been refused'
              : 'The server will soon refuse to save sessions',
        evidence: `${policy}; ${used}; ${formatCount(total)} commands refused with OOM since the start of its counts, ${formatCount(grown)} of them just now`,
        remedy: 'more maxmemory, or shorter TTLs; dead sessions count too: see expiry-lag',
      },
    ];
  },
});
