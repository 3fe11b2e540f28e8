import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { monotonicMs } from '../redis/monotonic.ts';
import { ReplyError } from '../redis/resp.ts';
import { spawnWorker } from '../spawn-worker.ts';
import type { EventBatch } from './event-batch.ts';
import type { FromThread, ObserverOptions, ObserverReport, ToThread } from './protocol.ts';

/**
 * So that the thread collects no garbage in a herd: with V8's 1 MB each of 100,000 events brought 2 to 4 collections of up
 * to 5 ms, with this none (`npm run accuracy`, 24 herds). V8 has it for all threads that begin after it is set, not for one.
 */
const YOUNG_GENERATION_FLAG = '--min-semi-space-size=16';

export interface ObserverHandlers {
  /** In stream order for each node, nothing left out; the arrays are the receiver's for good. */
  events(batch: EventBatch): void;
  /** The subscription was lost; it is being made anew, unless the observer itself failed. */
  cut(node: number, atMonoMs: number, reason: string): void;
  /** Every channel of it is confirmed again: what is published from now on is heard. */
  restored(node: number, atMonoMs: number): void;
}

interface Pending<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/**
 * Hears notifications, on a thread of its own, so that neither the load nor the ledger delays a timestamp. For each node,
 * `cut` and `restored` alternate, and come between the batches before and after them.
 *
 * Should the thread itself end, every node that was not cut is, for good, and `report` rejects.
 */
export class Observer {
  readonly #worker: Worker;
  readonly #handlers: ObserverHandlers;
  readonly #nodes: number;
  readonly #everConfirmed = new Set<number>();
  readonly #confirmed = new Set<number>();
  #starting: Pending<void> | null = null;
  #reports: Pending<ObserverReport>[] = [];
  /** Why no more is to be expected of the thread. */
  #over: Error | null = null;

  private constructor(options: ObserverOptions, handlers: ObserverHandlers) {
    this.#handlers = handlers;
    this.#nodes = options.nodes.length;
    setFlagsFromString(YOUNG_GENERATION_FLAG);
    this.#worker = spawnWorker(new URL('./observer-thread.ts', import.meta.url), { workerData: options });
    this.#worker.on('message', (message: FromThread) => {
      if (!this.#over) this.#told(message);
    });
    this.#worker.on('error', (error: unknown) =>
      this.#end(`the observer failed: ${(error as Error)?.message ?? error}`),
    );
    this.#worker.on('exit', (code) => this.#end(`the observer ended with code ${code}`));
  }

  /**
   * Resolves when each subscription is confirmed.
   *
   * @throws {ReplyError} the server's refusal, `NOPERM …` for example, or the error of the connection
   */
  static async start(options: ObserverOptions, handlers: ObserverHandlers): Promise<Observer> {
    const observer = new Observer(options, handlers);
    try {
      await new Promise<void>((resolve, reject) => {
        observer.#starting = { resolve, reject };
      });
    } catch (error) {
      await observer.stop();
      throw error;
    }
    return observer;
  }

  /** @throws when the observer has been stopped or has failed */
  report(): Promise<ObserverReport> {
    if (this.#over) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => {
      this.#reports.push({ resolve, reject });
      this.#worker.postMessage({ type: 'report' } satisfies ToThread);
    });
  }

  /** Closes the sockets and ends the thread, whatever the server does. No handler is called from now on. */
  async stop(): Promise<void> {
    this.#over ??= new Error('the observer has been stopped');
    this.#abandon(this.#over);
    await this.#worker.terminate();
  }

  #told(message: FromThread): void {
    switch (message.type) {
      case 'events':
        this.#handlers.events(message.batch);
        return;
      case 'confirmed':
        this.#nodeConfirmed(message.node, message.atMonoMs);
        return;
      case 'cut':
        this.#confirmed.delete(message.node);
        this.#handlers.cut(message.node, message.atMonoMs, message.reason);
        return;
      case 'failed':
        this.#starting?.reject(message.answered ? new ReplyError(message.reason) : new Error(message.reason));
        return;
      case 'report':
        this.#reports.shift()?.resolve(message.report);
        return;
      default:
        message satisfies never;
    }
  }

  #nodeConfirmed(node: number, atMonoMs: number): void {
    this.#confirmed.add(node);
    if (this.#everConfirmed.has(node)) {
      this.#handlers.restored(node, atMonoMs);
      return;
    }
    this.#everConfirmed.add(node);
    if (this.#everConfirmed.size === this.#nodes) this.#starting?.resolve();
  }

  /** The thread has ended of itself. */
  #end(reason: string): void {
    if (this.#over) return;
    this.#over = new Error(reason);
    this.#abandon(this.#over);
    const atMonoMs = monotonicMs();
    for (const node of this.#confirmed) this.#handlers.cut(node, atMonoMs, reason);
  }

  #abandon(error: Error): void {
    this.#starting?.reject(error);
    for (const report of this.#reports.splice(0)) report.reject(error);
  }
}
