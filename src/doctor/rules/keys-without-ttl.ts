import { expiresInAll, keysInAll } from '../../redis/info.ts';
import { formatCount } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';

/** A session whose TTL was forgotten never ends: a crash between SET and EXPIRE, or a SET over a key with a TTL. */
export const keysWithoutTtl = rule({
  id: 'keys-without-ttl',
  needs: [],
  examine({ before, now, seconds }): Finding[] {
    const without = (info: ReadonlyMap<string, string>): number => keysInAll(info) - expiresInAll(info);
    const [from, to] = [without(before), without(now)];
    if (to <= from) return [];
    return [
      {
        severity: 'warning',
        title: 'Keys without a TTL are growing in number',
        evidence: `${formatCount(from)}, and ${seconds.toFixed(1)} s later ${formatCount(to)}`,
        remedy:
          'if these are sessions, set the TTL in the command that makes them (SET EX, SETEX, or MULTI), and never SET over one without EX or KEEPTTL',
      },
    ];
  },
});
