import { formatCount, formatShare } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { fullness, keysOf, policyOf, typed } from '../seen.ts';

/** Of all keys; below it the few that have a TTL are evicted for the many that have none. */
const FEW = 0.1;

/** volatile-* evicts only keys with a TTL: without any it refuses writes, as noeviction does. */
export const fewVolatile = rule({
  id: 'few-volatile',
  needs: [],
  examine(examination): Finding[] {
    const policy = policyOf(examination);
    const full = fullness(examination);
    const { keys, expires } = keysOf(examination);
    if (!policy.startsWith('volatile-') || full === null || keys === 0 || expires / keys >= FEW) return [];
    return [
      {
        severity: expires === 0 && full > 0.9 ? 'error' : 'warning',
        title:
          expires === 0
            ? `${policy} finds nothing to evict: when memory is full, writes are refused`
            : `${policy} can evict ${formatShare(expires, keys)} of the keys only, sessions first`,
        evidence: `${formatCount(expires)} of ${formatCount(keys)} keys have a TTL; maxmemory is ${formatShare(Math.round(full * 1000), 1000)} used`,
        remedy: `give keys a TTL, keep what has none on another server, or: ${typed(examination, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')}`,
      },
    ];
  },
});
