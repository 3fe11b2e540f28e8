import { missingFlags } from '../../redis/notify-flags.ts';
import { outputBufferLimit } from '../../redis/output-buffer-limit.ts';
import { formatBytes, formatCount } from '../../report/precision.ts';
import type { Rule } from '../rule.ts';

/** A name such as `sess:` and a UUID is about as long. */
const KEY_BYTES = 36;

export const burst: Rule = {
  id: 'burst',
  question: 'would a subscriber survive all sessions expiring at once?',
  examine(facts) {
    if (facts.isReplica || missingFlags(facts.settingOf('notify-keyspace-events'), 'x') !== '') return [];
    const limit = outputBufferLimit(facts.settingOf('client-output-buffer-limit'), 'pubsub');
    const eventBytes = messageBytes(facts.endpoint.db, KEY_BYTES);
    const sessions = facts.keysWithTtl;
    if (limit === null || limit.hardBytes === 0 || sessions * eventBytes <= limit.hardBytes) return [];
    const events = Math.floor(limit.hardBytes / eventBytes);
    const needed = sessions * eventBytes;
    const { softBytes, softSeconds } = limit;
    return [
      {
        severity: 'warning',
        title: `${formatCount(events)} expiries at once cut a subscriber off, and ${formatCount(sessions)} keys have a TTL`,
        evidence:
          `client-output-buffer-limit pubsub is ${formatBytes(limit.hardBytes)}, and an event of a key of ${KEY_BYTES} bytes is ` +
          `${eventBytes}: the server sends them only after the cycle that has published them.`,
        remedy:
          'Spread the deadlines (add some per cent of chance to each TTL): they are at once after an outage, or where the TTL ends at an hour. ' +
          `Or let a buffer grow to ${formatBytes(needed)}; each subscriber that is behind may take that much, and it counts towards maxmemory.`,
        commands: [
          facts.cli('CONFIG', 'SET', 'client-output-buffer-limit', `pubsub ${needed} ${softBytes} ${softSeconds}`),
        ],
      },
    ];
  },
};

/** An event as RESP2 sends it: measured, 377,000 of 89 bytes are 32 MiB. */
function messageBytes(db: number, keyBytes: number): number {
  const words = ['message', `__keyevent@${db}__:expired`, 'k'.repeat(keyBytes)];
  return ['*3\r\n', ...words.map((word) => `$${word.length}\r\n${word}\r\n`)].join('').length;
}
