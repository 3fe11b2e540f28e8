import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { StackFailure } from './failure.ts';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 50;
const LOG_LINES = 8;

export interface ChildOptions {
  command: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Where its output goes. (Default: to ours) */
  log?: string;
}

/** A program that the stack has started: in a process group of its own, so that Ctrl-C reaches it through us, and once. */
export class Child {
  readonly name: string;
  /** Resolves when it has ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #process: ChildProcess;
  readonly #log: string | undefined;

  /** @throws {StackFailure} when it cannot be run */
  static async start(name: string, { command, args, env, log }: ChildOptions): Promise<Child> {
    const output = log === undefined ? 'inherit' : openSync(log, 'a');
    const child = spawn(command, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
    });
    if (typeof output === 'number') closeSync(output);
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new StackFailure(`${name} could not be started: ${(error as Error).message}`);
    }
    return new Child(name, child, log);
  }

  private constructor(name: string, child: ChildProcess, log: string | undefined) {
    this.name = name;
    this.#process = child;
    this.#log = log;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signal!));
    });
  }

  /**
   * Waits until it answers.
   *
   * @param ask resolves when it does, rejects when not yet
   * @throws {StackFailure} when it ends instead, or does not within a minute: with its last words
   * @throws the signal's reason
   */
  async answers(ask: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    let ending: string | null = null;
    void this.ended.then((how) => {
      ending = `ended (${how})`;
    });
    const until = performance.now() + START_LIMIT_MS;
    for (;;) {
      const isThere = await ask().then(
        () => true,
        () => false,
      );
      signal.throwIfAborted();
      if (ending === null && isThere) return;
      if (ending === null && performance.now() > until) ending = `gave no answer for ${START_LIMIT_MS / 1000} s`;
      if (ending !== null) throw new StackFailure(this.#lastWords(`${this.name} ${ending}`));
      await delay(POLL_MS);
    }
  }

  /** Rejects when it ends. @throws {StackFailure} with its last words */
  async lost(): Promise<never> {
    throw new StackFailure(this.#lastWords(`${this.name} ended (${await this.ended})`));
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it, if it has not ended, by SIGTERM, and after 10 s by SIGKILL. */
  async stop(): Promise<void> {
    this.kill('SIGTERM');
    const patience = setTimeout(() => this.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(patience);
  }

  #lastWords(what: string): string {
    if (this.#log === undefined) return what;
    const last = readFileSync(this.#log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
    return [`${what}; it said last:`, ...last].join('\n');
  }
}
