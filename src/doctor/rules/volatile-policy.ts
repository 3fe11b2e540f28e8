import { keysInAll } from '../../redis/info.ts';
import { formatBytes, formatCount, formatShare } from '../../report/precision.ts';
import type { Rule } from '../rule.ts';

/** With fewer, all of them may be evicted and memory is still nine tenths full. */
const FEW = 0.1;

export const volatilePolicy: Rule = {
  id: 'volatile-policy',
  question: 'are there keys that the eviction policy may evict?',
  examine(facts) {
    const policy = facts.text('maxmemory_policy');
    if (!policy.startsWith('volatile-') || facts.number('maxmemory') === 0) return [];
    const keys = keysInAll(facts.now);
    const withTtl = facts.keysWithTtl;
    if (keys === 0 || withTtl >= FEW * keys) return [];
    return [
      {
        severity: 'warning',
        title:
          withTtl === 0
            ? `${policy} can evict nothing, so that a full memory refuses writes as noeviction does`
            : `${policy} can evict few keys; once they are gone it refuses writes as noeviction does`,
        evidence:
          `${formatShare(withTtl, keys)} of ${formatCount(keys)} keys have a TTL; ` +
          `${formatBytes(facts.number('used_memory'))} of ${formatBytes(facts.number('maxmemory'))} are used.`,
        remedy:
          'Find out what writes keys without a TTL; keep data that must stay on another server than the sessions.',
        source: 'https://redis.io/docs/latest/develop/reference/eviction/',
      },
    ];
  },
};
