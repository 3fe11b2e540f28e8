import { missingFlags, unionFlags } from '../../redis/notify-flags.ts';
import { type Finding, rule } from '../rule.ts';
import { policyOf, typed } from '../seen.ts';

const FLAGS = 'notify-keyspace-events';

/** Without E and x nobody learns of an expiry: an error where somebody listens for it, else a warning. */
export const notifyFlags = rule({
  id: 'notify-flags',
  needs: ['settings', 'listeners'],
  examine(examination): Finding[] {
    const { settings, listeners, now } = examination;
    const set = settings[FLAGS] ?? '';
    const mayEvict = Number(settings.maxmemory ?? 0) > 0 && policyOf(examination) !== 'noeviction';
    const missing = missingFlags(set, mayEvict ? 'Exe' : 'Ex');
    const file = now.get('config_file') ?? '';
    const lasting =
      file === ''
        ? 'it was started without a redis.conf: what CONFIG SET sets is gone at the next restart, so start it with this flag set'
        : `then write it to its ${FLAGS} in redis.conf, or type ${typed(examination, 'CONFIG', 'REWRITE')}: what CONFIG SET sets is gone at the next restart`;
    if (missing === '') return [];
    const isDeaf = /[Ex]/.test(missing);
    const heard = listeners.toExpired + listeners.patterns;
    return [
      {
        severity: isDeaf && heard > 0 ? 'error' : 'warning',
        title: isDeaf
          ? 'No program is told when a session expires'
          : 'No program is told when a session is evicted: it looks as if it had never ended',
        evidence: `${FLAGS} is "${set}" and lacks ${[...missing].join(', ')}; ${heard} ${heard === 1 ? 'subscription waits' : 'subscriptions wait'} for expired events or by a pattern`,
        remedy: `${typed(examination, 'CONFIG', 'SET', FLAGS, unionFlags(set, missing))}; ${lasting}`,
      },
    ];
  },
});
