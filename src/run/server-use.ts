import type { ServerField } from '../redis/server-fields.ts';
import type { ServerUse } from '../result/schema.ts';
import type { ServerSample } from './server-sampler.ts';

/**
 * What the server used between two samples: differences of its counts, `null` where it lacks one, or where one fell
 * (CONFIG RESETSTAT), or where either sample is missing.
 *
 * @param samples those between the two, the two included
 */
export function serverUse(
  samples: readonly ServerSample[],
  first: ServerSample | null,
  last: ServerSample | null,
): ServerUse {
  const grown = (name: ServerField): number | null => {
    const [from, to] = [first?.fields[name], last?.fields[name]];
    return from === undefined || to === undefined || to < from ? null : to - from;
  };
  const user = grown('usedCpuUserSeconds');
  const system = grown('usedCpuSysSeconds');
  return {
    overSeconds: first && last ? (last.atMs - first.atMs) / 1000 : null,
    cpuSeconds: user === null || system === null ? null : user + system,
    expireCycleCpuSeconds: grown('expireCycleCpuSeconds'),
    peakUsedMemoryBytes:
      first && last ? peakOf(samples.slice(samples.indexOf(first), samples.indexOf(last) + 1)) : null,
    commandsProcessed: grown('totalCommandsProcessed'),
    expiredKeys: grown('expiredKeys'),
    evictedKeys: grown('evictedKeys'),
    expiredTimeCapReached: grown('expiredTimeCapReached'),
    evictionExceededSeconds: grown('totalEvictionExceededSeconds'),
  };
}

function peakOf(samples: readonly ServerSample[]): number | null {
  const told = samples.flatMap(({ fields }) => fields.usedMemoryBytes ?? []);
  return told.length === 0 ? null : told.reduce((most, bytes) => Math.max(most, bytes));
}
