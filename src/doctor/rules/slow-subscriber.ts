import { infoNumber } from '../../redis/info.ts';
import { outputBufferLimit } from '../../redis/output-buffer-limit.ts';
import { formatBytes, formatShare } from '../../report/precision.ts';
import type { Facts } from '../facts.ts';
import type { Finding, Rule } from '../rule.ts';

/** Of the limit of its buffer: who keeps up has next to nothing waiting, so that half is the way to being cut off. */
const NEAR = 0.5;

export const slowSubscriber: Rule = {
  id: 'slow-subscriber',
  question: 'do the subscribers keep up?',
  examine(facts) {
    return [...backlogs(facts), ...cut(facts)];
  },
};

/** The subscriber that has most waiting, where that is near the limit from which it is cut off. */
function backlogs(facts: Facts): Finding[] {
  const limit = outputBufferLimit(facts.settingOf('client-output-buffer-limit'), 'pubsub');
  const limits = [limit?.hardBytes ?? 0, limit?.softBytes ?? 0].filter((bytes) => bytes > 0);
  const subscribers = facts.clients.filter((client) =>
    ['sub', 'psub', 'ssub'].some((field) => Number(client.get(field) ?? 0) > 0),
  );
  const [worst] = subscribers.sort((a, b) => waiting(b) - waiting(a));
  if (!worst || limits.length === 0 || waiting(worst) < NEAR * Math.min(...limits)) return [];
  const least = Math.min(...limits);
  return [
    {
      severity: waiting(worst) >= least ? 'error' : 'warning',
      title: 'A subscriber does not keep up, and is about to lose its events',
      evidence:
        `${worst.get('addr')}${worst.get('name') ? ` (${worst.get('name')})` : ''} has ${formatBytes(waiting(worst))} waiting, ` +
        `${formatShare(waiting(worst), least)} of the least limit that cuts it off; with the connection all of it is lost.`,
      remedy:
        'Let it read on a connection of its own and do its work elsewhere; a higher limit only takes more memory.',
    },
  ];
}

function waiting(client: ReadonlyMap<string, string>): number {
  return Number(client.get('omem') ?? 0);
}

/** 7.4 and later count the connections that were cut off, of whatever kind. */
function cut(facts: Facts): Finding[] {
  const field = 'client_output_buffer_limit_disconnections';
  if (infoNumber(facts.now, field) === null || facts.number(field) === 0) return [];
  return [
    {
      severity: facts.increase(field) > 0 ? 'error' : 'warning',
      title: 'Connections were cut off because they did not read',
      evidence: `${field} is ${facts.number(field)}. Subscribers among them have missed what was sent until they were back.`,
      remedy: 'Find them in the log of the server ("closed for overcoming of output buffer limits").',
    },
  ];
}
