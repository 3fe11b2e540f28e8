import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { compareRuns } from './compare-runs.ts';
import { memoryAndEviction } from './memory-and-eviction.ts';
import { sessionExpiry } from './session-expiry.ts';
import { trust } from './trust.ts';

/** By the name of the file, without its ending. */
export const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = {
  'session-expiry': sessionExpiry,
  'memory-and-eviction': memoryAndEviction,
  'compare-runs': compareRuns,
  trust,
};

export function renderDashboard(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
