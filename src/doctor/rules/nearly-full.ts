import { formatBytes, formatShare } from '../../report/precision.ts';
import type { Facts } from '../facts.ts';
import { raiseMaxmemory } from '../memory-room.ts';
import type { Rule } from '../rule.ts';

/** Of maxmemory: a rush of a tenth more sessions than there are is nothing out of the way. */
const NEARLY = 0.9;

/** Before it comes to that: what has been evicted or refused already is told by `evictions` and `refused-writes`. */
export const nearlyFull: Rule = {
  id: 'nearly-full',
  question: 'is there room left under maxmemory?',
  examine(facts) {
    const limit = facts.number('maxmemory');
    const used = facts.number('used_memory');
    if (facts.isReplica || limit === 0 || used < NEARLY * limit || facts.number('evicted_keys') > 0) return [];
    return [
      {
        severity: 'warning',
        title: hasPrey(facts)
          ? 'Memory is nearly full: the next sessions push out others'
          : 'Memory is nearly full: the next sessions are refused',
        evidence: `${formatShare(Math.min(used, limit), limit)} of ${formatBytes(limit)} is used; maxmemory-policy ${facts.text('maxmemory_policy')}.`,
        remedy: 'Raise maxmemory, or shorten TTLs. Dead sessions count too, until the expire cycle finds them.',
        commands: raiseMaxmemory(facts),
      },
    ];
  },
};

/** Whether there is something that the policy may evict. */
function hasPrey(facts: Facts): boolean {
  return facts.evicts && (facts.text('maxmemory_policy').startsWith('allkeys-') || facts.keysWithTtl > 0);
}
