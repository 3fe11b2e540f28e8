import type { Endpoint } from '../redis/endpoint.ts';
import type { EventBatch } from './event-batch.ts';
import type { Stall } from './stall-watch.ts';

export type ObservedEvent = 'expired' | 'evicted' | 'new' | 'hexpired';

export interface ObserverOptions {
  /** The primaries. */
  nodes: { endpoint: Endpoint }[];
  /** Of the run's keys; the fence channel is this + `fence`. */
  keyPrefix: string;
  events: ObservedEvent[];
}

/** What the observer's thread saw of itself, since its start. */
export interface ObserverReport {
  messages: number;
  bytes: number;
  /**
   * How late a timer that is due every 10 ms fired: what a read that comes at any moment has to wait for the thread. From
   * perf_hooks' `monitorEventLoopDelay`, whose figures include the 10 ms; they are taken off. An idle thread does not
   * read 0 but about 0.1 ms, the lateness of timers themselves.
   */
  eventLoopDelay: { p50Ms: number; p99Ms: number; maxMs: number };
  stalls: Stall[];
  /** Processor time of the thread; `null` where the system does not tell (Linux does). */
  cpuMs: number | null;
}

/** From the observer's thread. */
export type FromThread =
  | { type: 'events'; batch: EventBatch }
  | { type: 'confirmed'; node: number; atMonoMs: number }
  | { type: 'cut'; node: number; atMonoMs: number; reason: string }
  /** `answered`: the reason is the server's error reply. */
  | { type: 'failed'; node: number; reason: string; answered: boolean }
  | { type: 'report'; report: ObserverReport };

/** To the observer's thread. */
export type ToThread = { type: 'report' };
