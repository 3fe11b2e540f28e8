import type { Worker } from 'node:worker_threads';
import { monotonicMs } from '../redis/monotonic.ts';
import { spawnWorker } from '../spawn-worker.ts';
import type { EventBatch } from './event-batch.ts';
import type { FromThread, ObserverOptions, ObserverReport, ToThread } from './protocol.ts';

export interface ObserverHandlers {
  /** In stream order for each node; the arrays are the receiver's for good. */
  events(batch: EventBatch): void;
  /** The subscription's connection was lost; it is being made anew. */
  cut(node: number, atMonoMs: number, reason: string): void;
  /** Every channel of it is confirmed again. */
  restored(node: number, atMonoMs: number): void;
}

/**
 * The part that hears notifications, on a thread of its own so that neither the load nor the ledger delays a timestamp.
 */
export class Observer {
  readonly #worker: Worker;
  readonly #handlers: ObserverHandlers;
  readonly #unconfirmed: Set<number>;
  #ready: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #reported: ((report: ObserverReport) => void)[] = [];
  #stopped = false;

  private constructor(options: ObserverOptions, handlers: ObserverHandlers) {
    this.#handlers = handlers;
    this.#unconfirmed = new Set(options.nodes.keys());
    this.#worker = spawnWorker(new URL('./observer-thread.ts', import.meta.url), { workerData: options });
    this.#worker.on('message', (message: FromThread) => this.#told(message));
    this.#worker.on('error', (error) => this.#failed(error, options.nodes.length));
  }

  /**
   * Resolves when each subscription is confirmed.
   *
   * @throws the server's refusal, `NOPERM …` for example
   */
  static async start(options: ObserverOptions, handlers: ObserverHandlers): Promise<Observer> {
    const observer = new Observer(options, handlers);
    try {
      await new Promise<void>((resolve, reject) => {
        observer.#ready = { resolve, reject };
      });
    } catch (error) {
      await observer.stop();
      throw error;
    } finally {
      observer.#ready = null;
    }
    return observer;
  }

  report(): Promise<ObserverReport> {
    return new Promise((resolve) => {
      this.#reported.push(resolve);
      this.#worker.postMessage({ type: 'report' } satisfies ToThread);
    });
  }

  /** Closes the sockets and ends the thread. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker.terminate();
  }

  #told(message: FromThread): void {
    switch (message.type) {
      case 'events':
        this.#handlers.events(message.batch);
        return;
      case 'subscribed':
        if (!this.#unconfirmed.delete(message.node)) this.#handlers.restored(message.node, message.atMonoMs);
        else if (this.#unconfirmed.size === 0) this.#ready?.resolve();
        return;
      case 'cut':
        this.#handlers.cut(message.node, message.atMonoMs, message.reason);
        return;
      case 'refused':
        if (this.#ready) this.#ready.reject(new Error(message.reason));
        else this.#handlers.cut(message.node, monotonicMs(), message.reason);
        return;
      case 'report':
        for (const resolve of this.#reported.splice(0)) resolve(message.report);
        return;
      default:
        message satisfies never;
    }
  }

  #failed(error: Error, nodes: number): void {
    if (this.#stopped) return;
    this.#ready?.reject(error);
    for (let node = 0; node < nodes; node++) {
      this.#handlers.cut(node, monotonicMs(), `the observer's thread failed: ${error.message}`);
    }
  }
}
