import { predictExpiry } from '../../model/expire-cycle.ts';
import { infoNumber } from '../../redis/info.ts';
import { formatCount } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { expiriesPerSecond, growthOf, keysOf, policyOf, typed } from '../seen.ts';

/** An eviction logs a user out, unless it hits a session that is dead; no policy looks for those. */
export const eviction = rule({
  id: 'eviction',
  needs: ['settings'],
  examine(examination): Finding[] {
    const { now, settings, seconds } = examination;
    const total = infoNumber(now, 'evicted_keys') ?? 0;
    if (total === 0) return [];
    const grown = growthOf(examination, 'evicted_keys') ?? 0;
    const { expires } = keysOf(examination);
    const hz = infoNumber(now, 'hz') ?? 10;
    const effort = Number(settings['active-expire-effort'] ?? 1);
    const duePerSecond = expiriesPerSecond(examination);
    const { staleKeys } = predictExpiry({ liveKeys: expires, duePerSecond }, { hz, effort });
    const dead =
      staleKeys >= 1
        ? `; meanwhile about ${formatCount(Math.round(staleKeys))} dead sessions are in memory (by the model of the cycle)`
        : '';
    const evicting = grown > 0 ? `${formatCount(grown)} in the last ${seconds.toFixed(1)} s` : 'none just now';
    return [
      {
        severity: grown > 0 ? 'error' : 'warning',
        title: grown > 0 ? 'Sessions are being evicted: users are logged out early' : 'Sessions have been evicted',
        evidence: `${policyOf(examination)}: ${formatCount(total)} keys evicted since the start of its counts, ${evicting}${dead}`,
        remedy: `more maxmemory; first let dead sessions go sooner: ${typed(examination, 'CONFIG', 'SET', 'active-expire-effort', '10')}; which policy hits whom: ttlscope sweep scenarios/eviction.yml --over maxmemory-policy=all`,
      },
    ];
  },
});
