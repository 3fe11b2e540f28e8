import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { RunFeed, RunStatus, RunWatcher } from '../run/run-feed.ts';
import { spawnWorker } from '../spawn-worker.ts';
import type { EndpointOptions, FromEndpoint, ToEndpoint } from './endpoint-protocol.ts';
import type { Ending } from './run-view.ts';

/** The address cannot be listened on. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/**
 * Shows a run while it lasts: as metrics for Prometheus. All of it is done on a thread of its own, which reads the run's
 * shared memory, so that a scrape takes nothing from the load.
 */
export class Endpoint implements RunWatcher {
  /** Where it listens, as `http://HOST:PORT`; `null`: nowhere. */
  readonly url: string | null;
  readonly #worker: Worker;

  /**
   * @param onFailure told why the thread has failed; the run goes on without it
   * @throws {AddressError} when it cannot listen there
   */
  static async open(options: EndpointOptions, onFailure: (reason: string) => void): Promise<Endpoint> {
    const worker = spawnWorker(new URL('./endpoint-thread.ts', import.meta.url), { workerData: options });
    worker.on('error', (error: unknown) => onFailure(`the endpoint failed: ${(error as Error)?.message ?? error}`));
    const { address } = options;
    if (address === null) return new Endpoint(worker, null);
    const [message] = (await once(worker, 'message')) as [FromEndpoint];
    const shown = address.host.includes(':') ? `[${address.host}]` : address.host;
    if (message.type === 'listening') return new Endpoint(worker, `http://${shown}:${message.port}`);
    await worker.terminate();
    const reason = message.type === 'refused' ? message.reason : 'no answer';
    throw new AddressError(`${shown}:${address.port} cannot be listened on: ${reason}`);
  }

  private constructor(worker: Worker, url: string | null) {
    this.#worker = worker;
    this.url = url;
  }

  feed(feed: RunFeed): void {
    this.#send({ type: 'feed', feed });
  }

  status(status: RunStatus): void {
    this.#send({ type: 'status', status });
  }

  /** The run is over; its figures stay until `close`. */
  end(ending: Ending): void {
    this.#send({ type: 'end', ending });
  }

  /** Puts the metrics on a Pushgateway. @throws {Error} when it does not take them */
  async push(url: string): Promise<void> {
    this.#send({ type: 'push', url });
    const ended = once(this.#worker, 'exit').then((): [FromEndpoint] => [
      { type: 'pushed', error: 'its thread ended' },
    ]);
    const [message] = (await Promise.race([once(this.#worker, 'message'), ended])) as [FromEndpoint];
    if (message.type === 'pushed' && message.error !== null) {
      throw new Error(`${url}: the metrics could not be pushed: ${message.error}`);
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(message: ToEndpoint): void {
    this.#worker.postMessage(message);
  }
}
