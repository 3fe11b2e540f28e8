import { expiresInAll, keysInAll } from '../../redis/info.ts';
import { formatCount } from '../../report/precision.ts';
import type { Info } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** Fewer may be chance: that many more in one look are a stream. A longer look finds a slower one. */
const STREAM = 10;

export const keysWithoutTtl: Rule = {
  id: 'keys-without-ttl',
  question: 'does the number of keys grow that never expire?',
  examine(facts) {
    const grown = facts.growthOf(withoutTtl);
    if (grown < STREAM) return [];
    const perDay = (grown / facts.seconds) * 86_400;
    return [
      {
        severity: 'warning',
        title: 'Keys without a TTL grow in number: what they hold is never freed',
        evidence:
          `${formatCount(withoutTtl(facts.now))} of ${formatCount(keysInAll(facts.now))} keys have no TTL, ` +
          `${formatCount(grown)} more than ${facts.seconds.toFixed(1)} s before: ${formatCount(Number(perDay.toPrecision(2)))} a day at this rate.`,
        remedy:
          'Look for a SET without EX or KEEPTTL over a session: it drops the TTL in silence. Other sources: keys that are made by ' +
          'SADD, HSET or INCR and get no EXPIRE.',
        source: 'https://redis.io/docs/latest/commands/set/',
      },
    ];
  },
};

function withoutTtl(info: Info): number {
  return keysInAll(info) - expiresInAll(info);
}
