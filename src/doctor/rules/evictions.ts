import { formatBytes, formatCount } from '../../report/precision.ts';
import { predictLargest } from '../cycle-prediction.ts';
import { type Facts, ifTold } from '../facts.ts';
import { raiseMaxmemory } from '../memory-room.ts';
import type { Rule } from '../rule.ts';

export const evictions: Rule = {
  id: 'evictions',
  question: 'are sessions evicted before their deadline?',
  examine(facts) {
    const evicted = facts.number('evicted_keys');
    const recently = facts.increase('evicted_keys');
    if (evicted === 0 || !facts.evicts || facts.keysWithTtl === 0) return [];
    const policy = facts.text('maxmemory_policy');
    return [
      {
        severity: recently > 0 ? 'error' : 'warning',
        title: `${policy} evicts keys${dead(facts) > 0 ? ' while dead sessions are in memory' : ''}: users may be logged out early`,
        evidence:
          `${formatCount(evicted)} evicted since the start, ${formatCount(recently)} in the last ${facts.seconds.toFixed(1)} s; ` +
          `${formatBytes(facts.number('used_memory'))} of ${formatBytes(facts.number('maxmemory'))} are used; ` +
          `of the keys that the expire cycle looks at, ${facts.number('expired_stale_perc')}% are past their deadline` +
          `${dead(facts) > 0 ? `, about ${formatCount(dead(facts))} in all by its model` : ''}.`,
        remedy:
          'Raise maxmemory. The expire cycle frees the dead sooner with more effort, and of the policies only volatile-ttl ' +
          'prefers them. Which sessions are evicted, live or dead: ttlscope run scenarios/eviction.yml',
        commands: [
          ...raiseMaxmemory(facts),
          ...(policy === 'volatile-ttl' ? [] : [facts.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')]),
        ],
      },
    ];
  },
};

/** Sessions past their deadline that are still in memory, by the model. */
function dead(facts: Facts): number {
  return Math.round(ifTold(() => predictLargest(facts))?.prediction.staleKeys ?? 0);
}
