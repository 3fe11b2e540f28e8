import type { Redis } from 'ioredis';
import { monotonicMs } from './monotonic.ts';

/** Two clocks of computers that are disciplined by NTP part by at most 500 ppm; 50 ppm is usual, and used here. */
const DRIFT = 50e-6;
/** Slewing by NTP, the fastest that is no step: 500 ppm. */
const FASTEST_SLEW = 500e-6;
/** What the harness's own wall clock may jump before it counts as stepped. */
const WALL_STEP_MS = 10;
const DEFAULT_ROUNDS = 5;

export interface ClockStep {
  atServerMs: number;
  sizeMs: number;
  clock: 'server' | 'harness';
}

interface Sample {
  offsetMs: number;
  errorMs: number;
  atMonoMs: number;
}

/**
 * The server's clock as seen from the monotonic clock here. Each TIME gives an offset whose error is half the round
 * trip (Cristian 1989); the one in use has the least error, with an allowance for drift since it was taken, as in NTP's
 * clock filter (RFC 5905, 10).
 */
export class ServerClock {
  readonly steps: ClockStep[] = [];
  readonly #nowMonoMs: () => number;
  readonly #nowWallMs: () => number;
  #best: Sample | null = null;
  #wallOffsetMs: number | null = null;

  /** @param nowMonoMs the monotonic clock. @param nowWallMs the wall clock here, watched for steps only */
  constructor(nowMonoMs: () => number = monotonicMs, nowWallMs: () => number = Date.now) {
    this.#nowMonoMs = nowMonoMs;
    this.#nowWallMs = nowWallMs;
  }

  /** One TIME: when it was sent and its reply received here, and what it said, Unix ms with a fraction. */
  add(sentMonoMs: number, receivedMonoMs: number, serverMs: number): void {
    this.#watchWall();
    const offsetMs = serverMs - (sentMonoMs + receivedMonoMs) / 2;
    const sample = { offsetMs, errorMs: (receivedMonoMs - sentMonoMs) / 2, atMonoMs: receivedMonoMs };
    const best = this.#best;
    if (!best) {
      this.#best = sample;
      return;
    }
    const apartMs = Math.abs(offsetMs - best.offsetMs);
    const slewMs = (receivedMonoMs - best.atMonoMs) * FASTEST_SLEW;
    const stepped = apartMs > sample.errorMs + best.errorMs + slewMs;
    if (stepped) this.steps.push({ atServerMs: serverMs, sizeMs: offsetMs - best.offsetMs, clock: 'server' });
    if (stepped || sample.errorMs <= errorAt(best, receivedMonoMs)) this.#best = sample;
  }

  /** Server's clock less the monotonic one, ms. Throws before the first sample. */
  get offsetMs(): number {
    return this.#sample().offsetMs;
  }

  /** Bound of the offset's error now, ms. */
  get errorMs(): number {
    return errorAt(this.#sample(), this.#nowMonoMs());
  }

  /** Unix ms of the server's clock at a monotonic time. */
  toServerMs(monoMs: number): number {
    return monoMs + this.offsetMs;
  }

  toMonoMs(serverMs: number): number {
    return serverMs - this.offsetMs;
  }

  #sample(): Sample {
    if (!this.#best) throw new Error("the server's clock has not been read yet");
    return this.#best;
  }

  #watchWall(): void {
    const offsetMs = this.#nowWallMs() - this.#nowMonoMs();
    const before = this.#wallOffsetMs;
    this.#wallOffsetMs = offsetMs;
    if (before === null || Math.abs(offsetMs - before) < WALL_STEP_MS) return;
    this.steps.push({
      atServerMs: this.#nowMonoMs() + (this.#best?.offsetMs ?? 0),
      sizeMs: offsetMs - before,
      clock: 'harness',
    });
  }
}

function errorAt({ errorMs, atMonoMs }: Sample, monoMs: number): number {
  return errorMs + Math.max(0, monoMs - atMonoMs) * DRIFT;
}

/** Reads TIME several times, one after the other. */
export async function sampleClock(redis: Redis, clock: ServerClock, rounds: number = DEFAULT_ROUNDS): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const sentMonoMs = monotonicMs();
    const [seconds, microseconds] = await redis.time();
    clock.add(sentMonoMs, monotonicMs(), Number(seconds) * 1000 + Number(microseconds) / 1000);
  }
}
