/** What a command of ours does to a session's key; `ask` is the reading of what is left after the cut-off. */
export type CommandKind = 'create' | 'read' | 'touch' | 'getex' | 'rewrite' | 'logout' | 'ask';

/**
 * - `done`: it did what it is for (the key was there, or was made)
 * - `gone`: there was no key, or one past its deadline
 * - `refused`: the server rejected it and nothing changed
 * - `unanswered`: the connection was lost first; it may have been executed or not
 */
export type Answer = 'done' | 'gone' | 'refused' | 'unanswered';

/** A command from its sending until a fence makes its reply final. Times: server's clock, ms from the run's start. */
export interface Command {
  readonly kind: CommandKind;
  readonly row: number;
  /** Position in the write lane: commands are executed in this order. */
  readonly order: number;
  readonly sentMs: number;
  repliedMs: number;
  answer: Answer | null;
  /** The deadline that it sets; for `ask`, the one found (`null`: none). For a relative TTL known with the reply. */
  deadlineMs: number | null;
  deadlineErrorMs: number;
}

/** Whether the deadline that a command carries may have been past when the server came to it. */
export function mayBePast({ deadlineMs, repliedMs }: Command, clockErrorMs: number): boolean {
  return deadlineMs !== null && deadlineMs <= repliedMs + clockErrorMs;
}

export type HeardEvent = 'expired' | 'evicted' | 'new';

export interface Heard {
  readonly event: HeardEvent;
  readonly atMs: number;
  /** It was published after this: when the fence that was heard last before it had been. */
  readonly afterMs: number;
}

/** The commands of one session that are not yet final, in order, and the events heard meanwhile, in stream order. */
export interface InFlight {
  readonly commands: Command[];
  readonly events: Heard[];
}

/**
 * The side table: every session with a command whose reply is not yet final. Its events wait here, because a reply
 * and an event travel on different connections and only a fence tells their order.
 */
export class InFlightTable {
  readonly #sessions = new Map<number, InFlight>();
  #unfenced: Command[] = [];
  /** Ends (`expired`, `evicted`) that wait for a fence. */
  waitingEnds = 0;

  get size(): number {
    return this.#sessions.size;
  }

  add(command: Command): void {
    const session = this.#sessions.get(command.row);
    if (session) session.commands.push(command);
    else this.#sessions.set(command.row, { commands: [command], events: [] });
    this.#unfenced.push(command);
  }

  /** Keeps the event if its session has commands in flight; says whether it did. */
  hold(row: number, heard: Heard): boolean {
    const session = this.#sessions.get(row);
    if (!session) return false;
    session.events.push(heard);
    if (heard.event !== 'new') this.waitingEnds++;
    return true;
  }

  /**
   * Takes out what a fence at `order` makes final: for each session that had a command before it, those commands, and
   * its events, which were all published before the fence.
   */
  release(order: number, settle: (row: number, commands: readonly Command[], events: Heard[]) => void): void {
    let final = 0;
    while (final < this.#unfenced.length && this.#unfenced[final]!.order < order) final++;
    if (final === 0) return;
    const released = this.#unfenced.slice(0, final);
    this.#unfenced = this.#unfenced.slice(final);
    for (const { row } of released) {
      const session = this.#sessions.get(row);
      if (!session) continue;
      let count = 0;
      while (count < session.commands.length && session.commands[count]!.order < order) count++;
      if (count === 0) continue;
      const commands = session.commands.splice(0, count);
      const events = session.events.splice(0);
      if (session.commands.length === 0) this.#sessions.delete(row);
      for (const { event } of events) if (event !== 'new') this.waitingEnds--;
      settle(row, commands, events);
    }
  }
}
