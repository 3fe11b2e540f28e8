import { formatCount } from '../../report/precision.ts';
import type { Rule } from '../rule.ts';

export const cycleOutOfTime: Rule = {
  id: 'cycle-out-of-time',
  question: 'has the expire cycle the time that it needs?',
  examine(facts) {
    const grown = facts.increase('expired_time_cap_reached_count');
    if (grown === 0) return [];
    return [
      {
        severity: 'warning',
        title: 'The expire cycle runs out of time: more falls due than it may delete',
        evidence:
          `It was ended by its time limit ${formatCount(grown)} times in the last ${facts.seconds.toFixed(1)} s, ` +
          `and has deleted ${formatCount(facts.increase('expired_keys'))} keys.`,
        remedy:
          'Spread the deadlines. More effort gives it more of the processor, up to 43% of a core at 10 (25% at 1).',
        commands: [facts.cli('CONFIG', 'SET', 'active-expire-effort', '10')],
      },
    ];
  },
};
