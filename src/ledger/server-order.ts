import type { Command, Heard } from './in-flight.ts';

/** What is known of a session before the commands: whether its key is there, and the deadline in force. */
export interface Before {
  readonly exists: boolean;
  /** Whether the key may be gone all the same, by an own command whose effect is not known. */
  readonly unsure: boolean;
  readonly deadlineMs: number;
}

export interface OrderRules {
  /** Whether the server tells of new keys: then a rewrite that made a key has a `new` event. */
  readonly tellsNew: boolean;
  readonly errorMs: number;
  readonly longestDeliveryMs: number;
  readonly latestDeliveryMs: number;
}

export interface ServerOrder {
  /** For each command, how many of the events that are left come before it or are its own doing. */
  readonly taken: readonly number[];
  /** An eviction and a rewrite could stand in either order. */
  readonly ambiguous: boolean;
}

/** Surprises that an order may contain before we give up looking: a silent loss, an event too early, a stray one. */
const MOST_SURPRISES = 3;

interface Place {
  readonly command: number;
  readonly event: number;
  readonly exists: boolean;
  readonly deadlineMs: number;
}

/**
 * Commands and events of one session, each in its own order, put into the one order in which the server did them: the
 * one with the fewest surprises. Replies say where the key was there and where not, events where it came and went;
 * between them there is seldom a choice. A session has one or two commands between fences, so the search is short.
 */
export function serverOrder(
  commands: readonly Command[],
  events: readonly Heard[],
  before: Before,
  rules: OrderRules,
): ServerOrder {
  let ambiguous = false;

  const leftOver = (place: Place, surprises: number): boolean => {
    let { exists } = place;
    for (const event of events.slice(place.event)) {
      if (event.event === 'new' || !exists || isTooEarly(event, place.deadlineMs, rules)) surprises--;
      exists = event.event === 'new';
    }
    return surprises >= 0;
  };

  /** The command's own doing, once the ends before it are taken: where it leads, and at what cost. */
  const outcomes = (command: Command, place: Place): { to: Place; cost: number }[] => {
    const { kind, answer } = command;
    const next = { ...place, command: place.command + 1 };
    const made = { ...next, exists: true, deadlineMs: command.deadlineMs ?? 0 };
    const gone = { ...next, exists: false };
    if (answer === 'refused' || answer === 'unanswered' || answer === null) return [{ to: next, cost: 0 }];
    if (answer === 'gone') return [{ to: gone, cost: place.exists ? 1 : 0 }];
    const announced = events[place.event]?.event === 'new';
    const reborn = { ...made, event: place.event + (announced ? 1 : 0) };
    switch (kind) {
      case 'create':
        return [{ to: reborn, cost: 0 }];
      case 'rewrite':
        if (!place.exists) return [{ to: reborn, cost: rules.tellsNew && !announced ? 1 : 0 }];
        return announced
          ? [
              { to: made, cost: 0 },
              { to: reborn, cost: 1 },
            ]
          : [{ to: made, cost: 0 }];
      case 'logout':
        return [{ to: gone, cost: place.exists ? 0 : 1 }];
      case 'touch':
        return [{ to: made, cost: place.exists ? 0 : 1 }];
      case 'getex': {
        const cost = place.exists ? 0 : 1;
        const mayBePast = command.deadlineMs! <= command.repliedMs + rules.errorMs;
        return mayBePast
          ? [
              { to: made, cost },
              { to: gone, cost },
            ]
          : [{ to: made, cost }];
      }
      case 'read':
      case 'ask':
        return [{ to: next, cost: place.exists ? 0 : 1 }];
      default:
        return kind satisfies never;
    }
  };

  const search = (place: Place, surprises: number): number[] | null => {
    if (surprises < 0) return null;
    const command = commands[place.command];
    if (!command) return leftOver(place, surprises) ? [] : null;
    const end = events[place.event];
    const isEnd = end !== undefined && end.event !== 'new';
    const starts = [{ place, cost: isEnd && end.atMs < command.sentMs - rules.errorMs ? 1 : 0 }];
    if (isEnd) {
      const surprise = !place.exists || isTooEarly(end, place.deadlineMs, rules);
      starts.push({ place: { ...place, event: place.event + 1, exists: false }, cost: surprise ? 1 : 0 });
      if (!rules.tellsNew && end.event === 'evicted' && command.kind === 'rewrite') {
        ambiguous = end.atMs - rules.longestDeliveryMs - rules.errorMs <= command.repliedMs;
        if (end.atMs - rules.latestDeliveryMs < (command.sentMs + command.repliedMs) / 2) starts.reverse();
      }
    }
    for (const start of starts) {
      for (const { to, cost } of outcomes(command, start.place)) {
        const rest = search(to, surprises - start.cost - cost);
        if (rest) return [to.event - place.event, ...rest];
      }
    }
    return null;
  };

  const { exists, deadlineMs, unsure } = before;
  const from = { command: 0, event: 0, exists, deadlineMs };
  for (let surprises = 0; surprises <= MOST_SURPRISES; surprises++) {
    ambiguous = false;
    const taken = search(from, surprises) ?? (unsure ? search({ ...from, exists: false }, surprises) : null);
    if (taken) return { taken, ambiguous };
  }
  return { taken: commands.map(() => 0), ambiguous: true };
}

function isTooEarly({ event, atMs }: Heard, deadlineMs: number, { errorMs }: OrderRules): boolean {
  return event === 'expired' && atMs < deadlineMs - errorMs;
}
