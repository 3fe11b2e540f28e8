import { missingFlags } from '../../redis/notify-flags.ts';
import type { Rule } from '../rule.ts';

export const listeners: Rule = {
  id: 'listeners',
  question: 'does anybody hear the expired events that are sent?',
  examine(facts) {
    if (facts.isReplica || missingFlags(facts.settingOf('notify-keyspace-events'), 'x') !== '') return [];
    const { expired, patterns } = facts.subscribers;
    if (expired > 0 || patterns > 0) return [];
    const isCluster = facts.number('cluster_enabled') === 1;
    return [
      {
        severity: isCluster ? 'warning' : 'info',
        title: 'Expired events are sent, and nobody is subscribed to them',
        evidence:
          `No subscriber of __keyevent@${facts.endpoint.db}__:expired and no pattern` +
          (isCluster ? '; the node of a cluster sends those of its own keys to nobody else.' : '.'),
        remedy: isCluster
          ? 'Subscribe on every primary of the cluster, and follow its changes.'
          : 'What is published now is lost for good. Start the subscriber, or save the work by taking the flags away.',
      },
    ];
  },
};
