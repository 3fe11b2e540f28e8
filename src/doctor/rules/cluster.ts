import type { Rule } from '../rule.ts';

export const cluster: Rule = {
  id: 'cluster',
  question: 'is it a node of a cluster?',
  examine(facts) {
    if (facts.number('cluster_enabled') !== 1) return [];
    return [
      {
        severity: 'info',
        title: 'It is a node of a cluster: its events are of its own keys, and reach its own subscribers only',
        evidence: 'cluster_enabled:1. PUBLISH goes to all nodes, keyspace events do not.',
        remedy:
          'Subscribe on every primary, follow changes of the cluster, and examine each primary with this command.',
        source: 'https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/',
      },
    ];
  },
};
