import { formatCount } from '../../report/precision.ts';
import type { Rule } from '../rule.ts';

/** Whether to keep sessions over a restart is a choice, and all are legitimate: hence `info`. */
export const persistence: Rule = {
  id: 'persistence',
  question: 'what becomes of the sessions at a restart?',
  examine(facts) {
    const sessions = formatCount(facts.keysWithTtl);
    if (facts.keysWithTtl === 0) return [];
    if (facts.number('aof_enabled') === 1) {
      return [
        {
          severity: 'info',
          title: 'After a restart the sessions that have died meanwhile are back, and expire late and together',
          evidence: `aof_enabled:1, ${sessions} keys with a TTL. They are loaded from the AOF, and expire, with events, as they are found.`,
          remedy: 'Expect that burst of events after a restart. Subscribe before it, or what is published is lost.',
        },
      ];
    }
    const save = facts.settingOf('save');
    if (save !== '') {
      return [
        {
          severity: 'info',
          title: 'Sessions that die while the server is down are dropped without an event',
          evidence: `save ${save}, no AOF, ${sessions} keys with a TTL. Those past their deadline are left out when the RDB is loaded; what was written after the last save is lost.`,
          remedy: 'After a restart, do what the events would have made you do, by a list of sessions of your own.',
        },
      ];
    }
    return [
      {
        severity: 'info',
        title: 'A restart logs everybody out, without an event',
        evidence: `Neither RDB (save "") nor AOF (appendonly no); ${sessions} keys with a TTL.`,
        remedy: 'If sessions are to outlast a restart, turn on the AOF, and write it into redis.conf as well.',
        commands: [facts.cli('CONFIG', 'SET', 'appendonly', 'yes')],
      },
    ];
  },
};
