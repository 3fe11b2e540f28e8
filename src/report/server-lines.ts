import type { Result } from '../result/schema.ts';
import { formatBytes, formatCount, formatLag, formatShare } from './precision.ts';

/** INFO tells processor time to the µs, the cycle's to the ms. */
const CPU_ERROR_MS = 1;
const OWN_ERROR_MS = 0.01;

/** What the server used in the measurement, as names and texts: what it did not tell is left out. */
export function serverLines({ serverUse, serverSamples }: Result): [string, string][] {
  const { cpuSeconds, expireCycleCpuSeconds, peakUsedMemoryBytes, evictedKeys, evictionExceededSeconds, overSeconds } =
    serverUse;
  const { cost, ended, series } = serverSamples;
  const lines: [string, string][] = [];
  if (peakUsedMemoryBytes !== null) {
    const limit = series.maxmemoryBytes?.findLast((bytes) => bytes !== null) ?? 0;
    lines.push([
      'memory',
      `${formatBytes(peakUsedMemoryBytes)} at the peak, ${limit > 0 ? `maxmemory ${formatBytes(limit)}` : 'no maxmemory'}`,
    ]);
  }
  if (cpuSeconds !== null && overSeconds !== null) {
    const cycle =
      expireCycleCpuSeconds === null
        ? ''
        : `; ${formatLag(expireCycleCpuSeconds, CPU_ERROR_MS)} in the expire cycle, ${formatShare(expireCycleCpuSeconds, overSeconds)} of the time`;
    lines.push([
      'processor',
      `${formatLag(cpuSeconds, CPU_ERROR_MS)} in ${formatLag(overSeconds, CPU_ERROR_MS)}, all threads${cycle}`,
    ]);
  }
  if (evictedKeys !== null && evictedKeys > 0) {
    const above =
      evictionExceededSeconds === null || evictionExceededSeconds === 0
        ? ''
        : `; above maxmemory for ${formatLag(evictionExceededSeconds, CPU_ERROR_MS)}`;
    lines.push(['evicted keys', `${formatCount(evictedKeys)}${above}`]);
  }
  const spent =
    cost.infoSeconds === null || overSeconds === null
      ? ''
      : `; all INFO took ${formatLag(cost.infoSeconds, OWN_ERROR_MS)} of the server, ${formatShare(cost.infoSeconds, overSeconds)} of the time`;
  const until = ended === null ? '' : `; ended early: ${ended}`;
  lines.push(['sampling', `${formatCount(cost.samples)} samples${spent}${until}`]);
  return lines;
}
