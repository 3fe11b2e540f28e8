/** The endpoint's thread: it reads the run's shared memory, and answers scrapes. See `Endpoint`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { RunFeed } from '../run/run-feed.ts';
import type { EndpointOptions, FromEndpoint, ToEndpoint } from './endpoint-protocol.ts';
import { EndpointServer } from './endpoint-server.ts';
import { pushMetrics } from './push-gateway.ts';
import { RunMetrics } from './registry.ts';
import { RunView } from './run-view.ts';

const ESTIMATE_EVERY_MS = 1_000;

const { address, shown } = workerData as EndpointOptions;
const port = parentPort!;
const server = new EndpointServer(address?.host ?? null);
let feed: RunFeed | null = null;
let view: RunView | null = null;
let metrics: RunMetrics | null = null;

function tell(message: FromEndpoint): void {
  port.postMessage(message);
}

function handle(message: ToEndpoint): void {
  switch (message.type) {
    case 'feed':
      feed = message.feed;
      return;
    case 'status':
      if (view !== null) {
        view.update(message.status);
        return;
      }
      view = new RunView(shown, feed!, message.status);
      metrics = new RunMetrics(view);
      server.show(metrics);
      return;
    case 'end':
      view?.end(message.ending);
      return;
    case 'push':
      void pushMetrics(message.url, metrics).then(
        () => tell({ type: 'pushed', error: null }),
        (error: Error) => tell({ type: 'pushed', error: error.message }),
      );
      return;
    default:
      message satisfies never;
  }
}

port.on('message', handle);
setInterval(() => view?.estimate(), ESTIMATE_EVERY_MS);
if (address !== null) {
  server.listen(address.host, address.port).then(
    (listening) => tell({ type: 'listening', port: listening }),
    (error: Error) => tell({ type: 'refused', reason: error.message }),
  );
}
