import type { Endpoint } from '../redis/endpoint.ts';
import type { EventBatch } from './event-batch.ts';

export type ObservedEvent = 'expired' | 'evicted' | 'new';

export interface ObserverOptions {
  nodes: { endpoint: Endpoint }[];
  /** Of the run's keys; the fence channel is this + `fence`. */
  keyPrefix: string;
  events: ObservedEvent[];
}

/** What the observer's thread saw of itself. */
export interface ObserverReport {
  messages: number;
  bytes: number;
  /** How late its event loop ran, from perf_hooks' monitorEventLoopDelay at 10 ms, that period taken off. */
  eventLoopDelay: { p50Ms: number; p99Ms: number; maxMs: number };
}

/** From the observer's thread. */
export type FromThread =
  | { type: 'events'; batch: EventBatch }
  | { type: 'subscribed'; node: number; atMonoMs: number }
  | { type: 'cut'; node: number; atMonoMs: number; reason: string }
  | { type: 'refused'; node: number; reason: string }
  | { type: 'report'; report: ObserverReport };

/** To the observer's thread. */
export type ToThread = { type: 'report' };
