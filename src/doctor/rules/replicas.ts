import { infoNumber } from '../../redis/info.ts';
import { type Finding, rule } from '../rule.ts';

/** A replica deletes nothing by itself and sends no expired event: an error to listen there, worth knowing of a primary. */
export const replicas = rule({
  id: 'replicas',
  needs: [],
  examine({ now }): Finding[] {
    if (now.get('role') === 'slave') {
      const primary = `${now.get('master_host')}:${now.get('master_port')}`;
      return [
        {
          severity: 'error',
          title: 'This is a replica: it sends no expired events',
          evidence: `its primary is ${primary}; a dead session is gone from here when the primary's DEL arrives, and reads as gone before`,
          remedy: `listen on the primary, and examine it: ttlscope doctor --redis redis://${primary}`,
        },
      ];
    }
    const connected = infoNumber(now, 'connected_slaves') ?? 0;
    if (connected === 0) return [];
    return [
      {
        severity: 'info',
        title: 'It has replicas, which send no expired events',
        evidence: `${connected} connected`,
        remedy: 'listen on the primary; after a failover subscribe on the new one, and look for what ended meanwhile',
      },
    ];
  },
});
