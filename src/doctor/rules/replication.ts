import { printEndpoint } from '../../redis/endpoint.ts';
import type { Rule } from '../rule.ts';

export const replication: Rule = {
  id: 'replication',
  question: 'is it a replica, or has it replicas?',
  examine(facts) {
    if (facts.isReplica) {
      const { tls } = facts.endpoint;
      const primary = printEndpoint({ host: facts.text('master_host'), port: facts.number('master_port'), tls, db: 0 });
      return [
        {
          severity: 'warning',
          title: 'It is a replica: it sends no expired events, and expires nothing by itself',
          evidence: `role:slave, of ${primary}. A key past its deadline reads as gone here; a del comes when the primary has deleted it.`,
          remedy: `Subscribe at its primary, and examine that: ttlscope doctor --redis ${primary}`,
        },
      ];
    }
    const replicas = facts.number('connected_slaves');
    if (replicas === 0) return [];
    return [
      {
        severity: 'info',
        title: 'It has replicas, which send no expired events',
        evidence: `connected_slaves:${replicas}. On them a key past its deadline reads as gone, and its memory is freed when this one deletes it.`,
        remedy:
          'Subscribe here, never on a replica, and again at the new primary after a failover: what it sent before is lost.',
      },
    ];
  },
};
