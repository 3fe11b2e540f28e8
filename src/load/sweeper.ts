import type { Reply } from '../redis/resp.ts';
import { LONGEST_RUN_MS } from '../scenario/limits.ts';
import type { Sweep } from '../stores/profile.ts';
import type { ReadyStore, SessionSender } from './session-sender.ts';

/**
 * A store's own sweep of the sessions that are due, at each multiple of its period by the server's clock: it takes the set
 * of those that fell due and asks for each, which makes the server notice.
 */
export class Sweeper {
  readonly #sweep: Sweep;
  readonly #steps: NonNullable<ReadyStore['sweep']>;
  readonly #sender: SessionSender;
  readonly #nowUnixMs: () => number;
  readonly #sendEach: (index: number) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param sendEach sends the store's question for the session of this index */
  constructor(
    sweep: Sweep,
    steps: NonNullable<ReadyStore['sweep']>,
    sender: SessionSender,
    nowUnixMs: () => number,
    sendEach: (index: number) => void,
  ) {
    this.#sweep = sweep;
    this.#steps = steps;
    this.#sender = sender;
    this.#nowUnixMs = nowUnixMs;
    this.#sendEach = sendEach;
  }

  start(): void {
    const { everyMs } = this.#sweep;
    const nowMs = this.#nowUnixMs();
    this.#wait(nowMs - (nowMs % everyMs) + everyMs);
  }

  /** A timer may fire a little early by the server's clock, when the set would be that of the period before. */
  #wait(untilMs: number): void {
    const leftMs = untilMs - this.#nowUnixMs();
    this.#timer = setTimeout(
      () => (this.#nowUnixMs() < untilMs ? this.#wait(untilMs) : this.#take()),
      Math.min(leftMs, LONGEST_RUN_MS),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #take(): void {
    this.start();
    this.#sender.numbers.now = this.#nowUnixMs();
    this.#sender.sendFor(this.#steps.take, (reply) => this.#askEach(reply));
  }

  #askEach(reply: Reply | undefined): void {
    if (this.#timer === undefined || !Array.isArray(reply)) return;
    for (const member of reply) {
      const index = this.#sweep.indexOf(String(member));
      if (index !== null) this.#sendEach(index);
    }
  }
}
