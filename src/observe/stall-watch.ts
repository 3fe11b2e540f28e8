import { monotonicMs } from '../redis/monotonic.ts';

/** A time in which a thread did nothing: what arrived in it has the timestamp of its end. */
export interface Stall {
  fromMonoMs: number;
  toMonoMs: number;
}

const TICK_MS = 10;
/** Shorter ones are in the figures of the event loop's delay. A period of the expire cycle at hz 10. */
const SHORTEST_MS = 100;

/** Notices when the thread that it runs on stands still: a process stopped, a machine suspended, no processor to be had. */
export class StallWatch {
  readonly stalls: Stall[] = [];
  #lastMonoMs = monotonicMs();

  start(): void {
    this.#lastMonoMs = monotonicMs();
    setInterval(() => {
      const fromMonoMs = this.#lastMonoMs;
      this.#lastMonoMs = monotonicMs();
      if (this.#lastMonoMs - fromMonoMs - TICK_MS >= SHORTEST_MS) {
        this.stalls.push({ fromMonoMs, toMonoMs: this.#lastMonoMs });
      }
    }, TICK_MS);
  }
}
