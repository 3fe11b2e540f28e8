/** The endpoint's thread: it reads the run's shared memory, answers scrapes, and feeds the live page. See `Endpoint`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { RunFeed, RunStatus } from '../run/run-feed.ts';
import type { EndpointOptions, FromEndpoint, ToEndpoint } from './endpoint-protocol.ts';
import { EndpointServer } from './endpoint-server.ts';
import { LivePage } from './live-page.ts';
import { pointOf, stateOf } from './live-view.ts';
import { pageFiles } from './page-files.ts';
import { pushMetrics } from './push-gateway.ts';
import { RunMetrics } from './registry.ts';
import { RunView } from './run-view.ts';

const BEAT_EVERY_MS = 1_000;

const { address, shown, ui } = workerData as EndpointOptions;
const port = parentPort!;
const page = ui ? new LivePage(await pageFiles()) : null;
const server = new EndpointServer(address?.host ?? null, page);
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
      if (view === null) {
        view = new RunView(shown, feed!, message.status);
        metrics = new RunMetrics(view);
        server.show(metrics);
      }
      view.update(message.status);
      // Else with the next point, so that the page's figures are of one moment.
      if (isNews(message.status)) page?.events.state(stateOf(view.moment()));
      return;
    case 'end':
      view?.end(message.ending);
      showPoint();
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

let toldOf = '';

/** Whether a phase begins, or the run has come into doubt. */
function isNews({ phase, faults }: RunStatus): boolean {
  const before = toldOf;
  toldOf = [phase, ...faults].join('\n');
  return toldOf !== before;
}

function showPoint(): void {
  if (view === null || page === null) return;
  const moment = view.moment();
  page.events.point(pointOf(moment));
  page.events.state(stateOf(moment));
}

function beat(): void {
  if (view === null || view.isOver) return;
  view.estimate();
  showPoint();
}

port.on('message', handle);
setInterval(beat, BEAT_EVERY_MS);
if (address !== null) {
  server.listen(address.host, address.port).then(
    (listening) => tell({ type: 'listening', port: listening }),
    (error: Error) => tell({ type: 'refused', reason: error.message }),
  );
}
