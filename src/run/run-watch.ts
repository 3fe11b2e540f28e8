import type { Observer } from '../observe/observer.ts';
import type { ObserverReport } from '../observe/protocol.ts';
import type { RunFeed, RunWatcher } from './run-feed.ts';
import { type Standing, statusOf } from './run-status.ts';

const STATUS_EVERY_MS = 1_000;
/** Its thread is for events. */
const REPORT_EVERY_MS = 5_000;

/** Tells a watcher of a run while it lasts. */
export class RunWatch {
  readonly #watcher: RunWatcher;
  readonly #standing: () => Omit<Standing, 'observerReport'>;
  readonly #timers: NodeJS.Timeout[];
  #report: ObserverReport | null = null;

  constructor(
    watcher: RunWatcher,
    feed: RunFeed,
    observer: Observer,
    standing: () => Omit<Standing, 'observerReport'>,
  ) {
    this.#watcher = watcher;
    this.#standing = standing;
    watcher.feed(feed);
    const ask = (): void =>
      void observer.report().then(
        (report) => {
          this.#report = report;
        },
        () => {},
      );
    this.#timers = [setInterval(() => this.tell(), STATUS_EVERY_MS), setInterval(ask, REPORT_EVERY_MS)];
  }

  tell(): void {
    this.#watcher.status(statusOf({ ...this.#standing(), observerReport: this.#report }));
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
