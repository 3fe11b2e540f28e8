import { type Command, type Heard, mayBePast } from './in-flight.ts';
import type { ServerRules } from './server-rules.ts';

/** What is known of a session before the commands: whether its key is there, and the deadline in force. */
export interface Before {
  readonly exists: boolean;
  /** Whether the key may be gone all the same, by an own command whose effect is not known. */
  readonly unsure: boolean;
  readonly deadlineMs: number;
  readonly deadlineErrorMs: number;
}

export interface OrderRules extends ServerRules {
  readonly clockErrorMs: number;
  readonly latestDeliveryMs: number;
}

export interface ServerOrder {
  /** For each command, how many of the events that are left come before it or are its own doing. */
  readonly taken: readonly number[];
  /** Another order has as few surprises. */
  readonly ambiguous: boolean;
}

/** Surprises that an order may contain before we give up: a silent loss, an event too early, a stray one. */
const MOST_SURPRISES = 3;
/** Of one session between two fences, so that the search stays short; more are a server that stood still. */
const MOST_COMMANDS = 200;
const MOST_EVENTS = 400;

interface Place {
  readonly command: number;
  readonly event: number;
  readonly exists: boolean;
  /** In force, while the key exists. */
  readonly deadlineMs: number;
  readonly deadlineErrorMs: number;
}

/** A way on from a place, and the surprises in it. */
interface Way {
  readonly to: Place;
  readonly cost: number;
}

/** The best way from a place to the end. */
interface Route {
  readonly cost: number;
  readonly taken: Taken | null;
  readonly ambiguous: boolean;
}

interface Taken {
  readonly count: number;
  readonly rest: Taken | null;
}

/**
 * Commands and events of one session, each in its own order, put into the one order in which the server did them: the
 * one with the fewest surprises. Replies say where the key was there and where not, events where it came and went;
 * between them there is seldom a choice, and where there is one it is told. A shortest path: from each place (so many
 * commands and so many events done, with or without a key) the best way on is found once.
 */
export function serverOrder(
  commands: readonly Command[],
  events: readonly Heard[],
  before: Before,
  rules: OrderRules,
): ServerOrder {
  const none = commands.map(() => 0);
  if (events.length === 0) return { taken: none, ambiguous: false };
  if (commands.length > MOST_COMMANDS || events.length > MOST_EVENTS) return { taken: none, ambiguous: true };
  const known = new Map<string, Route>();

  const route = (place: Place): Route => {
    const { command, event, exists, deadlineMs, deadlineErrorMs } = place;
    if (command === commands.length) return { cost: leftOver(events, place, rules), taken: null, ambiguous: false };
    const name = `${command} ${event} ${exists ? `${deadlineMs} ${deadlineErrorMs}` : ''}`;
    const found = known.get(name);
    if (found) return found;
    let best: Route | null = null;
    for (const { to, cost } of waysOn(commands[command]!, events, place, rules)) {
      const onward = route(to);
      const taken = { count: to.event - event, rest: onward.taken };
      const whole = { cost: cost + onward.cost, taken, ambiguous: onward.ambiguous };
      best = best === null ? whole : better(best, whole);
    }
    known.set(name, best!);
    return best!;
  };

  const from = { ...before, command: 0, event: 0 };
  let best = route(from);
  if (before.unsure) best = better(best, route({ ...from, exists: false }));
  if (best.cost > MOST_SURPRISES) return { taken: none, ambiguous: true };
  const taken: number[] = [];
  for (let at = best.taken; at; at = at.rest) taken.push(at.count);
  return { taken, ambiguous: best.ambiguous };
}

/** The one with fewer surprises; where they have as many and are not the same, the first, as ambiguous. */
function better(first: Route, second: Route): Route {
  if (first.cost !== second.cost) return first.cost < second.cost ? first : second;
  return { ...first, ambiguous: first.ambiguous || second.ambiguous || !isSame(first.taken, second.taken) };
}

/** Surprises in the events behind the last command. */
function leftOver(events: readonly Heard[], place: Place, rules: OrderRules): number {
  let { exists } = place;
  let surprises = 0;
  for (const event of events.slice(place.event)) {
    if (event.event === 'new' || !exists || isTooEarly(event, place, rules)) surprises++;
    exists = event.event === 'new';
  }
  return surprises;
}

/** The end that comes next stands behind the command, or before it; then the command does its own. The likelier first. */
function waysOn(command: Command, events: readonly Heard[], place: Place, rules: OrderRules): Way[] {
  const behind = effects(command, events, place, rules);
  const end = events[place.event];
  if (end === undefined || end.event === 'new') return behind;
  const { clockErrorMs, latestDeliveryMs } = rules;
  const isAfterAll = end.atMs < command.sentMs - clockErrorMs;
  const isBeforeAll = end.afterMs > command.repliedMs + clockErrorMs;
  const isSurprise = !place.exists || isTooEarly(end, place, rules);
  const ended = { ...place, event: place.event + 1, exists: false };
  const ways = [
    adding(isAfterAll ? 1 : 0, behind),
    adding((isSurprise ? 1 : 0) + (isBeforeAll ? 1 : 0), effects(command, events, ended, rules)),
  ];
  if (end.atMs - latestDeliveryMs < (command.sentMs + command.repliedMs) / 2) ways.reverse();
  return ways.flat();
}

function adding(cost: number, ways: readonly Way[]): Way[] {
  return ways.map((way) => ({ to: way.to, cost: way.cost + cost }));
}

/** What a command did, by its answer, once the ends before it are taken. */
function effects(command: Command, events: readonly Heard[], place: Place, rules: OrderRules): Way[] {
  const { kind, answer } = command;
  const next = { ...place, command: place.command + 1 };
  const { deadlineErrorMs } = command;
  const made = { ...next, exists: true, deadlineMs: command.deadlineMs ?? 0, deadlineErrorMs };
  const gone = { ...next, exists: false };
  if (answer === null || answer === 'refused' || answer === 'unanswered' || answer === 'absent') {
    return [{ to: next, cost: 0 }];
  }
  if (answer === 'gone') return [{ to: gone, cost: place.exists ? 1 : 0 }];
  const announced = events[place.event]?.event === 'new';
  const reborn = { ...made, event: place.event + (announced ? 1 : 0) };
  const isPast = mayBePast(command, rules.clockErrorMs);
  switch (kind) {
    case 'create':
    case 'rewrite': {
      const dropped = rules.dropsPast && isPast ? [{ to: gone, cost: 0 }] : [];
      if (!place.exists) {
        const isSilent = kind === 'rewrite' && rules.tellsNew && !announced;
        return [{ to: reborn, cost: isSilent ? 1 : 0 }, ...dropped];
      }
      const anew = announced ? [{ to: reborn, cost: 1 }] : [];
      return [{ to: made, cost: 0 }, ...anew, ...dropped];
    }
    case 'logout':
      return [{ to: gone, cost: place.exists ? 0 : 1 }];
    case 'touch':
      return [{ to: made, cost: place.exists ? 0 : 1 }];
    case 'getex': {
      const cost = place.exists ? 0 : 1;
      return isPast
        ? [
            { to: made, cost },
            { to: gone, cost },
          ]
        : [{ to: made, cost }];
    }
    case 'read':
    case 'sweep':
    case 'ask':
      return [{ to: next, cost: place.exists ? 0 : 1 }];
    default:
      return kind satisfies never;
  }
}

function isTooEarly({ event, atMs }: Heard, { deadlineMs, deadlineErrorMs }: Place, rules: OrderRules): boolean {
  return event === 'expired' && atMs < deadlineMs + rules.leastLagMs - deadlineErrorMs - rules.clockErrorMs;
}

function isSame(a: Taken | null, b: Taken | null): boolean {
  let [one, other] = [a, b];
  while (one && other && one !== other) {
    if (one.count !== other.count) return false;
    one = one.rest;
    other = other.rest;
  }
  return one === other;
}
