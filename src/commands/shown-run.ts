import { setTimeout as delay } from 'node:timers/promises';
import { Endpoint } from '../metrics/endpoint.ts';
import type { Result } from '../result/schema.ts';
import type { RunWatcher } from '../run/run-feed.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { DEFAULT_ADDRESS, type ListenAddress } from './listen-address.ts';

export interface ShowOptions {
  /** True: at the default address. */
  metrics?: ListenAddress | true;
  /** ms */
  metricsLinger?: number;
  pushGateway?: string;
}

/** A run that is shown while it lasts, as far as the options of the command ask for that. */
export class ShownRun {
  readonly #endpoint: Endpoint | null;
  readonly #options: ShowOptions;
  readonly #note: (line: string) => void;

  /** @throws {AddressError} when the address cannot be listened on */
  static async open(
    { name, cohorts, thresholds }: Scenario,
    options: ShowOptions,
    note: (line: string) => void,
  ): Promise<ShownRun> {
    const { metrics, pushGateway } = options;
    if (metrics === undefined && pushGateway === undefined) return new ShownRun(null, options, note);
    const shown = { scenario: name, cohorts: cohorts.map((cohort) => cohort.name), thresholds };
    const address = metrics === undefined ? null : metrics === true ? DEFAULT_ADDRESS : metrics;
    const endpoint = await Endpoint.open({ address, shown }, note);
    if (endpoint.url !== null) note(`metrics at ${endpoint.url}/metrics`);
    return new ShownRun(endpoint, options, note);
  }

  private constructor(endpoint: Endpoint | null, options: ShowOptions, note: (line: string) => void) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#note = note;
  }

  /** `null`: nobody watches. */
  get watcher(): RunWatcher | null {
    return this.#endpoint;
  }

  /** The run has this result. @throws {Error} when its metrics could not be pushed */
  async end({ verdict, thresholds }: Result): Promise<void> {
    this.#endpoint?.end({ verdict: verdict.state, reasons: verdict.reasons, thresholds });
    const { pushGateway } = this.#options;
    if (pushGateway !== undefined) await this.#endpoint?.push(pushGateway);
  }

  /** Stays to be scraped once more, until the signal aborts. */
  async linger(signal: AbortSignal): Promise<void> {
    const { metricsLinger: lingerMs = 0 } = this.#options;
    if (this.#endpoint?.url == null || lingerMs === 0 || signal.aborted) return;
    this.#note(`metrics stay for ${lingerMs / 1000} s; a signal ends that`);
    await delay(lingerMs, undefined, { signal }).catch(() => {});
  }

  async close(): Promise<void> {
    await this.#endpoint?.close();
  }
}
