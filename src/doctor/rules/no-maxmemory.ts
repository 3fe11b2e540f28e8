import { infoNumber } from '../../redis/info.ts';
import { formatBytes } from '../../report/precision.ts';
import type { Facts } from '../facts.ts';
import { mostMaxmemory } from '../memory-room.ts';
import type { Rule } from '../rule.ts';

export const noMaxmemory: Rule = {
  id: 'no-maxmemory',
  question: 'is there a limit of memory?',
  examine(facts) {
    if (facts.isReplica || facts.number('maxmemory') > 0) return [];
    const machine = infoNumber(facts.now, 'total_system_memory');
    const used = formatBytes(facts.number('used_memory'));
    return [
      {
        severity: 'warning',
        title: 'Memory has no limit: sessions that pile up take the machine, and its kernel ends the server',
        evidence: `maxmemory is 0; ${used} are used${machine === null ? '' : ` on a machine of ${formatBytes(machine)}`}.`,
        ...remedy(facts),
      },
    ];
  },
};

function remedy(facts: Facts): { remedy: string; commands?: string[] } {
  const most = mostMaxmemory(facts);
  if (most === null || most <= facts.number('used_memory')) {
    return { remedy: 'Set maxmemory above what is used and below what the machine has, or move to a larger one.' };
  }
  return {
    remedy:
      'Half of the memory (of a container: of its limit) leaves room for the fork of a save. Decide by maxmemory-policy what ' +
      'happens then: noeviction refuses logins, the others log somebody out.',
    commands: [facts.cli('CONFIG', 'SET', 'maxmemory', String(most))],
  };
}
