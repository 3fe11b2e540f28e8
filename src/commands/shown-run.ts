import { setTimeout as delay } from 'node:timers/promises';
import { AddressError, Endpoint } from '../metrics/endpoint.ts';
import { isLoopback } from '../metrics/loopback.ts';
import type { Result } from '../result/schema.ts';
import type { RunWatcher } from '../run/run-feed.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { DEFAULT_ADDRESS, type ListenAddress } from './listen-address.ts';
import { SIGNALS } from './listen-for-signals.ts';
import { openBrowser } from './open-browser.ts';

export interface ShowOptions {
  /** True: at the default address. */
  metrics?: ListenAddress | true;
  /** Serve the live page beside them. */
  ui?: boolean;
  /** Show it in a browser. */
  open?: boolean;
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
    const ui = (options.ui ?? false) || (options.open ?? false);
    const isServed = metrics !== undefined || ui;
    if (!isServed && pushGateway === undefined) return new ShownRun(null, options, note);
    const shown = { scenario: name, cohorts: cohorts.map((cohort) => cohort.name), thresholds };
    const address = !isServed ? null : typeof metrics === 'object' ? metrics : DEFAULT_ADDRESS;
    if (ui && !isLoopback(address!.host)) {
      throw new AddressError(
        `--ui is for a loopback address, such as ${DEFAULT_ADDRESS.host}, and not ${address!.host}`,
      );
    }
    const endpoint = await Endpoint.open({ address, shown, ui }, note);
    if (endpoint.url !== null) note(`metrics at ${endpoint.url}/metrics`);
    if (ui) note(`live page at ${endpoint.url}/`);
    if (options.open) openBrowser(`${endpoint.url}/`, note);
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

  /** Stays to be scraped once more, until a signal comes. */
  async linger(): Promise<void> {
    const { metricsLinger: lingerMs = 0 } = this.#options;
    if (this.#endpoint?.url == null || lingerMs === 0) return;
    this.#note(`metrics stay for ${lingerMs / 1000} s; a signal ends that`);
    const over = new AbortController();
    const leave = (): void => over.abort();
    for (const signal of SIGNALS) process.on(signal, leave);
    await delay(lingerMs, undefined, { signal: over.signal }).catch(() => {});
    for (const signal of SIGNALS) process.off(signal, leave);
  }

  async close(): Promise<void> {
    await this.#endpoint?.close();
  }
}
