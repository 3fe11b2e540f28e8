import { missingFlags, unionFlags } from '../../redis/notify-flags.ts';
import { type Facts, ifTold } from '../facts.ts';
import type { Finding, Rule } from '../rule.ts';

/** A replica publishes no expired events whatever its flags. */
export const notifyFlags: Rule = {
  id: 'notify-flags',
  question: 'are the events sent that tell of the end of a session?',
  examine(facts) {
    const flags = facts.settingOf('notify-keyspace-events');
    if (facts.isReplica) return [];
    const missing = missingOf(flags, facts.evicts);
    return missing === '' ? [] : [finding(facts, flags, missing)];
  },
};

/** Flags without which an expired event, or an evicted one where keys can be evicted, reaches nobody. */
function missingOf(flags: string, evicts: boolean): string {
  const channel = flags.includes('K') ? '' : 'E';
  return missingFlags(flags, `${channel}x${evicts ? 'e' : ''}`);
}

function finding(facts: Facts, flags: string, missing: string): Finding {
  const { db } = facts.endpoint;
  const is = `notify-keyspace-events is "${flags}"`;
  const mend = {
    remedy: 'Add the flags to those that are set, and see that they outlast a restart.',
    commands: [facts.cli('CONFIG', 'SET', 'notify-keyspace-events', unionFlags(flags, missing))],
    source: 'https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/',
  };
  if (missing === 'e') {
    return {
      severity: 'warning',
      title: 'Evicted sessions vanish without an event',
      evidence: `${is}, without e, while ${facts.text('maxmemory_policy')} may evict.`,
      ...mend,
    };
  }
  const waiting = ifTold(() => facts.subscribers.expired) ?? 0;
  return {
    severity: waiting > 0 ? 'error' : 'warning',
    title: 'No expired event is sent: nobody is told when a session ends',
    evidence:
      `${is} and lacks ${[...missing].join(', ')}.` +
      (waiting > 0 ? ` Subscribed to __keyevent@${db}__:expired all the same: ${waiting}.` : ''),
    ...mend,
  };
}
