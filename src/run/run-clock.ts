import type { ServerClock } from '../redis/clock.ts';
import { monotonicMs } from '../redis/monotonic.ts';

/** The run's time: milliseconds of the server's clock from the run's start, a whole Unix millisecond. */
export class RunClock {
  readonly server: ServerClock;
  /** Unix ms of the server's clock at which the run's time is 0. */
  readonly epochMs: number;

  constructor(server: ServerClock) {
    this.server = server;
    this.epochMs = Math.floor(server.toServerMs(monotonicMs()));
  }

  nowMs(): number {
    return this.fromMono(monotonicMs());
  }

  fromMono(monoMs: number): number {
    return this.server.toServerMs(monoMs) - this.epochMs;
  }

  fromServer(serverMs: number): number {
    return serverMs - this.epochMs;
  }

  get errorMs(): number {
    return this.server.errorMs;
  }
}
