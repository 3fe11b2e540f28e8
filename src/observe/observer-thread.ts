/** The observer's thread: a subscription for each primary, and nothing else. See `Observer`. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { ReplyError } from '../redis/resp.ts';
import type { FromThread, ObserverOptions, ObserverReport, ToThread } from './protocol.ts';
import { StallWatch } from './stall-watch.ts';
import { Subscription } from './subscription.ts';
import { threadCpuMs } from './thread-cpu.ts';
import { raiseThreadPriority } from './thread-priority.ts';

const DELAY_PERIOD_MS = 10;

const options = workerData as ObserverOptions;
const port = parentPort!;
const delay = monitorEventLoopDelay({ resolution: DELAY_PERIOD_MS });
const watch = new StallWatch();
let messages = 0;
let bytes = 0;

function tell(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function report(): ObserverReport {
  const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - DELAY_PERIOD_MS);
  const eventLoopDelay = {
    p50Ms: lateMs(delay.percentile(50)),
    p99Ms: lateMs(delay.percentile(99)),
    maxMs: lateMs(delay.max),
  };
  return { messages, bytes, eventLoopDelay, stalls: watch.stalls, cpuMs: threadCpuMs() };
}

for (const [node, { endpoint }] of options.nodes.entries()) {
  const subscription = new Subscription(endpoint, options, {
    read: (arrivalMonoMs, size, builder) => {
      bytes += size;
      messages += builder.size;
      if (builder.size === 0) return;
      const { codes, values, buffer } = builder.take();
      tell({ type: 'events', batch: { node, arrivalMonoMs, codes, values } }, [buffer]);
    },
    confirmed: (atMonoMs) => tell({ type: 'confirmed', node, atMonoMs }),
    cut: (atMonoMs, reason) => tell({ type: 'cut', node, atMonoMs, reason }),
    failed: (error) => {
      tell({ type: 'failed', node, reason: error.message, answered: error instanceof ReplyError });
    },
  });
  subscription.connect();
}
port.on('message', (message: ToThread) => {
  if (message.type === 'report') tell({ type: 'report', report: report() });
});
raiseThreadPriority();
delay.enable();
watch.start();
