import { formatCount } from '../../report/precision.ts';
import { type Facts, ifTold } from '../facts.ts';
import type { Rule } from '../rule.ts';

export const scanningClients: Rule = {
  id: 'scanning-clients',
  question: 'does anybody walk over all keys?',
  examine(facts) {
    const scans = facts.callsSince('scan');
    const keys = facts.callsSince('keys');
    if (scans === 0 && keys === 0) return [];
    const calls = [scans > 0 ? `SCAN ${formatCount(scans)}` : '', keys > 0 ? `KEYS ${formatCount(keys)}` : ''];
    const effects = [
      scans > 0
        ? 'A SCAN deletes what it meets past its deadline, so that events come when it does; a long one can keep the expire cycle from the rest.'
        : '',
      keys > 0 ? 'KEYS holds up everything else, the expire cycle and its events with it.' : '',
    ];
    return [
      {
        severity: 'warning',
        title: `A client walks over all keys by ${keys > 0 ? (scans > 0 ? 'SCAN and KEYS' : 'KEYS') : 'SCAN'}`,
        evidence: `Calls in the last ${facts.seconds.toFixed(1)} s: ${joined(calls, ', ')}${who(facts)}. ${joined(effects, ' ')}`,
        remedy:
          "Keep an index of what is looked for (a set of a user's sessions, a sorted set of deadlines), and read that.",
        ...(scans > 0 && facts.engine === 'redis' && { source: 'https://github.com/redis/redis/issues/15411' }),
      },
    ];
  },
};

/** Whose last command it was; another may have come since. */
function who(facts: Facts): string {
  const clients = ifTold(() => facts.clients) ?? [];
  const scanning = clients.filter((client) => ['scan', 'keys'].includes(client.get('cmd') ?? ''));
  const names = scanning.map(
    (client) => `${client.get('addr')}${client.get('name') ? ` (${client.get('name')})` : ''}`,
  );
  return names.length === 0 ? '' : `; it was the last command of ${names.slice(0, 3).join(', ')}`;
}

function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== '').join(separator);
}
