import type { RunFeed, RunStatus } from '../run/run-feed.ts';
import type { Ending, Shown } from './run-view.ts';

export interface EndpointOptions {
  /** Where to listen; `null`: nowhere, as for a push only. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** Whether the live page is served. */
  readonly ui: boolean;
  readonly shown: Shown;
}

/** To the endpoint's thread. */
export type ToEndpoint =
  | { type: 'feed'; feed: RunFeed }
  | { type: 'status'; status: RunStatus }
  | { type: 'end'; ending: Ending }
  /** Push the metrics to the gateway at this URL. */
  | { type: 'push'; url: string };

/** From the endpoint's thread. */
export type FromEndpoint =
  /** The port, for one that was asked for as 0. */
  | { type: 'listening'; port: number }
  | { type: 'refused'; reason: string }
  /** `null`: the gateway took it. */
  | { type: 'pushed'; error: string | null };
