import { missingFlags } from '../../redis/notify-flags.ts';
import { type Finding, rule } from '../rule.ts';

/** Events that nobody hears are lost: pub/sub keeps none for later. Only what is connected now can be seen. */
export const nobodyListens = rule({
  id: 'nobody-listens',
  needs: ['settings', 'listeners'],
  examine({ settings, listeners, endpoint }): Finding[] {
    const set = settings['notify-keyspace-events'] ?? '';
    if (missingFlags(set, 'Ex') !== '' || listeners.toExpired + listeners.patterns > 0) return [];
    return [
      {
        severity: 'info',
        title: 'Nobody listens to expired events now',
        evidence: `notify-keyspace-events is "${set}"; no subscription to __keyevent@${endpoint.db}__:expired, and none by a pattern`,
        remedy: 'if a listener should be there, it is not: what is published meanwhile is lost',
      },
    ];
  },
});
