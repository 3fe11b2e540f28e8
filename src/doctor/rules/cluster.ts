import { type Finding, rule } from '../rule.ts';

/** Keyspace events are not passed on between the nodes of a cluster. */
export const cluster = rule({
  id: 'cluster',
  needs: [],
  examine({ now }): Finding[] {
    if (now.get('cluster_enabled') !== '1') return [];
    return [
      {
        severity: 'warning',
        title: 'A node of a cluster tells of its own keys only',
        evidence: 'cluster_enabled is 1',
        remedy: 'subscribe on every primary, and again when the topology changes; examine each of them',
      },
    ];
  },
});
