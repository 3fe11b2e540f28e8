import { formatBytes, formatCount } from '../../report/precision.ts';
import { predictLargest } from '../cycle-prediction.ts';
import { type Facts, ifTold } from '../facts.ts';
import { raiseMaxmemory } from '../memory-room.ts';
import type { Rule } from '../rule.ts';

const MOST_EFFORT = '10';

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
          'Raise maxmemory, and let the expire cycle free the dead sooner, so that they make room for the living. Whom each ' +
          'policy logs out: ttlscope sweep scenarios/eviction.yml --over maxmemory-policy=all',
        commands: [...raiseMaxmemory(facts), ...moreEffort(facts)],
      },
    ];
  },
};

/** Measured in docs/tuning.md: the same sessions on the same memory, and fewer of the living evicted. */
function moreEffort(facts: Facts): string[] {
  const setting = 'active-expire-effort';
  const isMost = ifTold(() => facts.settingOf(setting)) === MOST_EFFORT;
  return isMost ? [] : [facts.cli('CONFIG', 'SET', setting, MOST_EFFORT)];
}

/** Sessions past their deadline that are still in memory, by the model. */
function dead(facts: Facts): number {
  const prediction = ifTold(() => predictLargest(facts))?.prediction;
  return prediction?.keepsUp ? Math.round(prediction.staleKeys) : 0;
}
