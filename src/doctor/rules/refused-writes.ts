import { formatBytes, formatCount } from '../../report/precision.ts';
import { type Facts, type Info, Untold } from '../facts.ts';
import { raiseMaxmemory } from '../memory-room.ts';
import type { Rule } from '../rule.ts';

export const refusedWrites: Rule = {
  id: 'refused-writes',
  question: 'are logins refused for want of memory?',
  examine(facts) {
    if (!facts.now.has('total_error_replies')) throw new Untold('INFO does not count errors');
    const refused = refusedOf(facts.now);
    if (refused === 0) return [];
    const recently = facts.increaseOf(refusedOf);
    return [
      {
        severity: recently > 0 ? 'error' : 'warning',
        title: 'Writes were refused for want of memory: nobody could log in meanwhile',
        evidence:
          `${formatCount(refused)} OOM errors since the start, ${formatCount(recently)} in the last ${facts.seconds.toFixed(1)} s; ` +
          `${formatBytes(facts.number('used_memory'))} of ${formatBytes(facts.number('maxmemory'))} are used, ` +
          `maxmemory-policy ${facts.text('maxmemory_policy')}.`,
        remedy: 'Raise maxmemory, or let the server evict what is soonest dead, which logs somebody out.',
        commands: [...raiseMaxmemory(facts), ...evictSoonestDead(facts)],
      },
    ];
  },
};

function evictSoonestDead(facts: Facts): string[] {
  if (facts.evicts || facts.keysWithTtl === 0) return [];
  return [facts.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')];
}

/** INFO has a line for an error as soon as there was one. */
function refusedOf(info: Info): number {
  return Number(/count=(\d+)/.exec(info.get('errorstat_OOM') ?? '')?.[1] ?? 0);
}
