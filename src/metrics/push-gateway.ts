import { Pushgateway } from 'prom-client';
import type { RunMetrics } from './registry.ts';

const TIMEOUT_MS = 10_000;

/**
 * Puts the metrics on a Prometheus Pushgateway, as the group {job="ttlscope", run}, over what it had of the same run.
 *
 * @throws {Error} when it does not take them within 10 s, or there are none
 */
export async function pushMetrics(url: string, metrics: RunMetrics | null): Promise<void> {
  if (metrics === null) throw new Error('the run ended before there was anything to push');
  metrics.look();
  const gateway = new Pushgateway(url, { timeout: TIMEOUT_MS }, metrics.text);
  const { resp, body } = await gateway.push({ jobName: 'ttlscope', groupings: { run: metrics.run } });
  const { statusCode = 0 } = resp as { statusCode?: number };
  if (statusCode >= 300) throw new Error(`it answered ${statusCode}: ${String(body).trim()}`);
}
