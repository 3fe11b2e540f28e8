import { formatBytes } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';

/** A subscriber that reads has nothing waiting but for a moment. */
const MUCH_BYTES = 1024 * 1024;

/** What a subscriber does not read waits in the server's memory, counts towards maxmemory, and pushes sessions out. */
export const slowSubscriber = rule({
  id: 'slow-subscriber',
  needs: ['clients'],
  examine({ clients }): Finding[] {
    const slow = clients
      .filter((client) => client.get('flags')?.includes('P'))
      .map((client) => ({ name: client.get('name') || client.get('addr')!, bytes: Number(client.get('omem') ?? 0) }))
      .filter(({ bytes }) => bytes >= MUCH_BYTES)
      .sort((a, b) => b.bytes - a.bytes);
    const [worst] = slow;
    if (!worst) return [];
    const total = slow.reduce((sum, { bytes }) => sum + bytes, 0);
    return [
      {
        severity: 'warning',
        title: 'A subscriber does not read what it is told: it will be cut, or its buffer pushes sessions out',
        evidence: `${slow.length === 1 ? 'one holds' : `${slow.length} hold`} ${formatBytes(total)} in the server, ${worst.name} the most`,
        remedy:
          'read on a connection and a thread of its own, and hand on; ttlscope run scenarios/slow-subscriber.yml shows the harm',
      },
    ];
  },
});
