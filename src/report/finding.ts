import type { ExpiryLag } from '../ledger/tally.ts';
import type { Result } from '../result/schema.ts';
import { evictionFinding } from './evictions.ts';
import { formatBeyond, formatBytes, formatCount, formatLag } from './precision.ts';

/** Bound of the error of a lag that is printed, ms: the clock's, and those of 99 of 100 deadlines and arrivals. */
export function lagErrorMs({ instrument }: Result): number {
  const { clockErrorMs, deadlineErrorMs, eventLoopDelaySeconds } = instrument;
  return clockErrorMs + deadlineErrorMs.p99 + 1000 * (eventLoopDelaySeconds.observer?.p99 ?? 0);
}

/** Sessions that fell due: heard, followed to a time without an end, or ended otherwise. */
export function dueOf(tally: Result['totals']): number {
  const { delivered, censored } = tally.expiryLagSeconds;
  return delivered + censored + tally.neverNotified;
}

/** What was found, in a sentence or three, true of this result whatever it is. */
export function finding(result: Result): string {
  const { totals, staleMemoryBytes, slowSubscribers } = result;
  const { outcomes } = totals;
  const due = dueOf(totals);
  const sentences: string[] = [];
  if (due === 0) {
    sentences.push('No session fell due, so that there is no expiry to judge.');
  } else {
    const holding = staleMemoryBytes.value === null ? '' : `, holding ${formatBytes(staleMemoryBytes.value)}`;
    const left =
      outcomes.stale === 0
        ? 'no dead session was still in memory at the cut-off'
        : `${formatCount(outcomes.stale)} of ${formatCount(due)} dead sessions were still in memory at the cut-off${holding}`;
    sentences.push(`${howLate(totals.expiryLagSeconds, due, lagErrorMs(result))}; ${left}.`);
  }
  const evicted = evictionFinding(result);
  if (evicted !== null) sentences.push(evicted);
  if (outcomes.lost > 0) {
    sentences.push(
      `${count(outcomes.lost, 'session was', 'sessions were')} lost: gone without an event, or no longer with the deadline that was set.`,
    );
  }
  if (totals.withoutTtl > 0) {
    sentences.push(
      `${count(totals.withoutTtl, 'session is', 'sessions are')} in memory without the TTL that was to be set, and would never end.`,
    );
  }
  if (outcomes.unknown > 0) sentences.push(`Of ${count(outcomes.unknown, 'session', 'sessions')} the end is unknown.`);
  if (slowSubscribers !== null && (slowSubscribers.outputBufferBytes ?? 0) > 0) {
    sentences.push(
      `At the cut-off the server held ${formatBytes(slowSubscribers.outputBufferBytes!)} for ${count(slowSubscribers.connected!, 'subscriber', 'subscribers')} that had stopped reading.`,
    );
  }
  if (outcomes.refused > 0) sentences.push(`The server refused ${count(outcomes.refused, 'session', 'sessions')}.`);
  return sentences.join(' ');
}

function howLate({ delivered, p50, max, beyond }: ExpiryLag, due: number, errorMs: number): string {
  const of = count(due, 'session that fell due', 'sessions that fell due');
  if (delivered === 0) return `Of ${of}, none was told of by an expired event`;
  if (p50 === null) {
    return `Of ${of}, fewer than half were told of by an expired event, so that the median lag is ${formatBeyond(beyond ?? 0, errorMs)}`;
  }
  const late = `Half of the sessions that fell due were told of more than ${formatLag(p50, errorMs)} late`;
  return max === null ? late : `${late}, the last ${formatLag(max, errorMs)}`;
}

function count(n: number, one: string, many: string): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}
