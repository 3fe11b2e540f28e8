import type { Redis } from 'ioredis';
import { monotonicMs } from './monotonic.ts';

/** Two clocks that NTP disciplines part by some ppm; 50 is what quartz does undisciplined, and allowed for here. */
const DRIFT = 50e-6;
/** NTP slews by at most 500 ppm (RFC 5905, 11.3); what goes faster is a step. */
const FASTEST_SLEW = 500e-6;
const DEFAULT_ROUNDS = 5;

export interface ClockStep {
  /** When it was noticed, in the server's clock. */
  atServerMs: number;
  /** Forward is positive. */
  sizeMs: number;
  /** Whose clock it was: the server's, or the wall clock here. */
  clock: 'server' | 'harness';
}

/** The offset of a clock from the monotonic one here: within `offsetMs ± errorMs` at `atMonoMs`. */
interface Sample {
  offsetMs: number;
  errorMs: number;
  atMonoMs: number;
}

/**
 * The samples of one clock, of which one is in use: that with the least error, an allowance for drift since it was taken
 * added, as in NTP's clock filter (RFC 5905, 10).
 *
 * A sample whose interval cannot overlap the one in use is disputed until the next: if that agrees with it, the clock
 * has stepped; if not, it was the sample that was bad.
 */
class ClockFilter {
  #inUse: Sample | null = null;
  #disputed: Sample | null = null;

  get inUse(): Sample | null {
    return this.#inUse;
  }

  get isDisputed(): boolean {
    return this.#disputed !== null;
  }

  /** Returns the size of the step that the sample confirms, ms; 0 where there was none. */
  add(sample: Sample): number {
    const { inUse } = this;
    if (!inUse) {
      this.#inUse = sample;
      return 0;
    }
    if (!overlap(sample, inUse, FASTEST_SLEW)) {
      const confirmed = this.#disputed !== null && overlap(sample, this.#disputed, FASTEST_SLEW);
      this.#disputed = confirmed ? null : sample;
      if (!confirmed) return 0;
      this.#inUse = sample;
      return sample.offsetMs - inUse.offsetMs;
    }
    this.#disputed = null;
    const better = sample.errorMs <= errorAt(inUse, sample.atMonoMs);
    if (better || !overlap(sample, inUse, DRIFT)) this.#inUse = sample;
    return 0;
  }
}

/**
 * The server's clock as seen from the monotonic clock here. Each TIME gives an offset whose error is half the round
 * trip (Cristian 1989). Steps of the server's clock are noticed, and steps of the wall clock here, which nothing is
 * measured with but which tell of a machine that was suspended or set.
 */
export class ServerClock {
  readonly steps: ClockStep[] = [];
  readonly #nowMonoMs: () => number;
  readonly #nowWallMs: () => number;
  readonly #server = new ClockFilter();
  readonly #wall = new ClockFilter();

  /** @param nowMonoMs the monotonic clock. @param nowWallMs the wall clock here, in whole ms, watched for steps only */
  constructor(nowMonoMs: () => number = monotonicMs, nowWallMs: () => number = Date.now) {
    this.#nowMonoMs = nowMonoMs;
    this.#nowWallMs = nowWallMs;
  }

  /** One TIME: when it was sent and its reply received here, and what it said, Unix ms with a fraction. */
  add(sentMonoMs: number, receivedMonoMs: number, serverMs: number): void {
    const serverStepMs = this.#server.add(readBetween(sentMonoMs, receivedMonoMs, serverMs));
    if (serverStepMs !== 0) this.steps.push({ atServerMs: serverMs, sizeMs: serverStepMs, clock: 'server' });
    const wallStepMs = this.#wall.add(this.#readWall());
    if (wallStepMs !== 0) this.steps.push({ atServerMs: serverMs, sizeMs: wallStepMs, clock: 'harness' });
  }

  /** Whether the latest sample of a clock contradicts those before it, so that another one is needed to know why. */
  get isDisputed(): boolean {
    return this.#server.isDisputed || this.#wall.isDisputed;
  }

  /** Server's clock less the monotonic one, ms. Throws before the first sample. */
  get offsetMs(): number {
    return this.#sample().offsetMs;
  }

  /** Bound of the offset's error now, ms. Throws before the first sample. */
  get errorMs(): number {
    return errorAt(this.#sample(), this.#nowMonoMs());
  }

  /** Unix ms of the server's clock at a monotonic time. Throws before the first sample. */
  toServerMs(monoMs: number): number {
    return monoMs + this.offsetMs;
  }

  #sample(): Sample {
    const { inUse } = this.#server;
    if (!inUse) throw new Error("the server's clock has not been read yet");
    return inUse;
  }

  /** The wall clock tells whole ms, rounded down: half of one is its error, beside the time that reading it took. */
  #readWall(): Sample {
    const beforeMonoMs = this.#nowMonoMs();
    const wallMs = this.#nowWallMs();
    const sample = readBetween(beforeMonoMs, this.#nowMonoMs(), wallMs + 0.5);
    return { ...sample, errorMs: sample.errorMs + 0.5 };
  }
}

function readBetween(fromMonoMs: number, toMonoMs: number, clockMs: number): Sample {
  return { offsetMs: clockMs - (fromMonoMs + toMonoMs) / 2, errorMs: (toMonoMs - fromMonoMs) / 2, atMonoMs: toMonoMs };
}

function errorAt({ errorMs, atMonoMs }: Sample, monoMs: number): number {
  return errorMs + Math.max(0, monoMs - atMonoMs) * DRIFT;
}

/** Whether both can be true of a clock whose rate is off by at most `rate`. */
function overlap(a: Sample, b: Sample, rate: number): boolean {
  return Math.abs(a.offsetMs - b.offsetMs) <= a.errorMs + b.errorMs + Math.abs(a.atMonoMs - b.atMonoMs) * rate;
}

/** Reads TIME several times, one after the other; once more where the last reading is disputed. */
export async function sampleClock(redis: Redis, clock: ServerClock, rounds: number = DEFAULT_ROUNDS): Promise<void> {
  for (let round = 0; round < rounds || (round === rounds && clock.isDisputed); round++) {
    const sentMonoMs = monotonicMs();
    const [seconds, microseconds] = await redis.time();
    clock.add(sentMonoMs, monotonicMs(), Number(seconds) * 1000 + Number(microseconds) / 1000);
  }
}
