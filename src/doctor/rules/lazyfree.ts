import { infoNumber, keysInAll } from '../../redis/info.ts';
import { formatBytes, formatCount } from '../../report/precision.ts';
import type { Facts } from '../facts.ts';
import type { Finding, Rule } from '../rule.ts';

/**
 * From here on a collection takes the main thread a hundred times as long as a small one. Measured on Redis 7.0, a deletion by
 * the cycle: hashes of 25 kB 2 µs, of 104 kB 300 µs, of 416 kB 1.1 ms; 25 ms are all that it has in a tenth of a second.
 */
const LARGE_BYTES = 65_536;

export const lazyfree: Rule = {
  id: 'lazyfree',
  question: 'is the memory of dead sessions freed where and when it should?',
  examine(facts) {
    return facts.settingOf('lazyfree-lazy-expire') === 'yes' ? backlog(facts) : inTheMainThread(facts);
  },
};

function backlog(facts: Facts): Finding[] {
  const pending = infoNumber(facts.now, 'lazyfree_pending_objects') ?? 0;
  if (pending === 0 || facts.growth('lazyfree_pending_objects') < 0) return [];
  return [
    {
      severity: 'info',
      title: 'Memory falls later than sessions expire',
      evidence: `lazyfree-lazy-expire yes, the default of Valkey from 8.0 on; ${formatCount(pending)} values are deleted and not freed yet.`,
      remedy: 'Leave room for them in maxmemory.',
    },
  ];
}

function inTheMainThread(facts: Facts): Finding[] {
  const keys = keysInAll(facts.now);
  const meanBytes = keys === 0 ? 0 : facts.number('used_memory_dataset') / keys;
  if (meanBytes < LARGE_BYTES || facts.keysWithTtl === 0 || facts.isReplica) return [];
  return [
    {
      severity: 'warning',
      title: 'Large values are freed in the main thread, which stands still meanwhile',
      evidence: `lazyfree-lazy-expire no; a key holds ${formatBytes(meanBytes)} on average.`,
      remedy: 'Let them be freed beside it; memory then falls a little later.',
      commands: [facts.cli('CONFIG', 'SET', 'lazyfree-lazy-expire', 'yes')],
    },
  ];
}
