import { formatBytes, formatCount } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { keysOf, typed } from '../seen.ts';

/** What an `expired` event of a key of 36 bytes takes in the buffer of a subscriber: 377,000 of them fill 32 MB. */
const EVENT_BYTES = 89;
const SETTING = 'client-output-buffer-limit';

/** Events of a herd wait in the subscriber's buffer; beyond the hard limit the server cuts it, and they are gone. */
export const outputBuffer = rule({
  id: 'output-buffer',
  needs: ['settings'],
  examine(examination): Finding[] {
    const [, limit, hard, soft, seconds] = /pubsub ((\d+) (\d+) (\d+))/.exec(examination.settings[SETTING] ?? '') ?? [];
    if (limit === undefined || Number(hard) === 0) return [];
    const { expires } = keysOf(examination);
    const most = Math.floor(Number(hard) / EVENT_BYTES);
    if (expires <= most) return [];
    return [
      {
        severity: 'warning',
        title: `${formatCount(most)} sessions that end at once cut a subscriber off`,
        evidence: `${SETTING} pubsub is ${limit}: cut at ${formatBytes(Number(hard))}, or above ${formatBytes(Number(soft))} for ${seconds} s; an event takes about ${EVENT_BYTES} bytes, and ${formatCount(expires)} keys have a TTL. What is published until it is back is lost`,
        remedy: `${typed(examination, 'CONFIG', 'SET', SETTING, 'pubsub 256mb 64mb 60')}, within what maxmemory leaves, and TTLs with jitter`,
      },
    ];
  },
});
