import { totalmem } from 'node:os';
import type { Forecast } from '../forecast/forecast.ts';
import { keyBytes } from '../forecast/memory.ts';
import { MEMORY_SHARE } from '../forecast/warnings.ts';
import type { Endpoint } from '../redis/endpoint.ts';
import type { ServerFacts } from '../redis/inspect.ts';
import type { Trial } from './trial.ts';

/** Of what the trial sent, a rate that leaves the server time for anything else. */
const RATE_SHARE = 0.8;

/** What a plan asks of this server and of this machine, beside what they have. Bytes. */
export interface Capacity {
  /** Of the server at the peak, reckoned from sessions on this server; no more than its maxmemory. */
  serverBytes: number;
  harnessBytes: number;
  /** Of this machine; of the server it holds nothing when that is elsewhere. */
  machineBytes: number;
  /** More than MEMORY_SHARE of the machine. */
  isTooLarge: boolean;
  /** Lines worth telling before the run. */
  notes: string[];
}

export function capacityOf(
  forecast: Forecast,
  trial: Trial,
  facts: ServerFacts,
  endpoint: Endpoint,
  machineBytes: number = totalmem(),
): Capacity {
  const { meanSessionBytes, meanPayloadBytes, sessionMs } = trial;
  const scale = meanSessionBytes === null ? 1 : meanSessionBytes / keyBytes(meanPayloadBytes);
  const needed = forecast.peakServerBytes * scale;
  const { maxmemoryBytes } = facts;
  const serverBytes = maxmemoryBytes > 0 ? Math.min(needed, maxmemoryBytes) : needed;
  const { harnessBytes, totals } = forecast;
  const here = harnessBytes + (isLocal(endpoint) ? serverBytes : 0);
  const notes: string[] = [];
  if (maxmemoryBytes > 0 && needed > maxmemoryBytes) {
    const policy = facts.settings['maxmemory-policy'] ?? 'noeviction';
    notes.push(
      `the sessions need about ${megabytes(needed)}, and maxmemory is ${megabytes(maxmemoryBytes)}: ${policy === 'noeviction' ? 'some will be refused' : `some will be evicted (${policy})`}`,
    );
  }
  const perSecond = totals.peakArrivalsPerSecond + totals.peakRequestsPerSecond;
  const most = 1000 / sessionMs;
  if (perSecond > RATE_SHARE * most) {
    notes.push(
      `the plan peaks at about ${Math.round(perSecond)} arrivals and requests a second, and a trial on this server created ${Math.round(most)} sessions: the load may be late`,
    );
  }
  return { serverBytes, harnessBytes, machineBytes, isTooLarge: here > MEMORY_SHARE * machineBytes, notes };
}

export function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function isLocal({ host, path }: Endpoint): boolean {
  return path !== undefined || /^(127\.|localhost$|::1$)/.test(host);
}
