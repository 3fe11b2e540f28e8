/** The observer's thread: a subscription for each primary, and nothing else. See `Observer`. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../redis/monotonic.ts';
import type { FromThread, ObserverOptions, ToThread } from './protocol.ts';
import { Subscription } from './subscription.ts';

const DELAY_RESOLUTION_MS = 10;

const options = workerData as ObserverOptions;
const port = parentPort!;
const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
let messages = 0;
let bytes = 0;

const tell = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS);

port.on('message', (message: ToThread) => {
  if (message.type !== 'report') return;
  const eventLoopDelay = {
    p50Ms: lateMs(delay.percentile(50)),
    p99Ms: lateMs(delay.percentile(99)),
    maxMs: lateMs(delay.max),
  };
  tell({ type: 'report', report: { messages, bytes, eventLoopDelay } });
});

for (const [node, { endpoint }] of options.nodes.entries()) {
  new Subscription(endpoint, options, {
    batch: (arrivalMonoMs, codes, values, size) => {
      messages += codes.length;
      bytes += size;
      const batch = { node, arrivalMonoMs, codes, values };
      tell({ type: 'events', batch }, [codes.buffer as ArrayBuffer, values.buffer as ArrayBuffer]);
    },
    subscribed: () => tell({ type: 'subscribed', node, atMonoMs: monotonicMs() }),
    cut: (reason) => tell({ type: 'cut', node, atMonoMs: monotonicMs(), reason }),
    refused: (reason) => tell({ type: 'refused', node, reason }),
  }).connect();
}
delay.enable();
