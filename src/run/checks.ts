import type { Ledger, Life } from '../ledger/ledger.ts';
import type { ServerFacts } from '../redis/inspect.ts';
import { missingFlags } from '../redis/notify-flags.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { storeProfile } from '../stores/index.ts';
import { type CountVerdict, checkCounts, checkLittlesLaw, type LittlesLaw } from './count-check.ts';
import type { Pulse } from './pulse.ts';

export interface Checkable {
  scenario: Scenario;
  facts: ServerFacts;
  pulse: Pulse;
  /** Commands of the load whose reply was lost. */
  unanswered: number;
}

export interface CountChecks {
  staleCountCheck: CountVerdict;
  expiredKeysCheck: CountVerdict;
  evictedKeysCheck: CountVerdict;
}

const NO_EVICTED = 'the server evicts keys and does not send evicted events (notify-keyspace-events lacks e)';

/** The server's counts at the fences so far, held against the ledger's. */
export function countChecks(run: Checkable): CountChecks {
  const { samples } = run.pulse;
  const others = othersOf(run);
  return {
    staleCountCheck: checkCounts(
      samples.map(({ serverCount, ledgerLeast, ledgerMost }) => [serverCount, ledgerLeast, ledgerMost]),
      uncountableOf(run.scenario) ?? others,
    ),
    expiredKeysCheck: checkCounts(
      samples.map(({ serverExpired, heardExpired }) => [serverExpired, heardExpired, heardExpired]),
      others,
    ),
    evictedKeysCheck: checkCounts(
      samples.map(({ serverEvicted, heardEvicted }) => [serverEvicted, heardEvicted, heardEvicted]),
      missingFlags(run.facts.notifyFlags, 'e') === '' ? others : NO_EVICTED,
    ),
  };
}

/** Little's law over all lives, at the end. */
export function littlesLawCheck(run: Checkable, ledger: Ledger, cutOffMs: number): LittlesLaw {
  const lives = function* (): Generator<Life & { errorMs: number }> {
    for (const life of ledger.lives()) yield { ...life, errorMs: ledger.rows.deadlineErrorMs(life.row) };
  };
  return checkLittlesLaw(run.pulse.samples, lives(), cutOffMs, uncountableOf(run.scenario) ?? othersOf(run));
}

/** By what a reader calls them. */
export function namedChecks(checks: CountChecks): Record<string, CountVerdict> {
  return {
    'the count of stale sessions': checks.staleCountCheck,
    'the count of expired keys': checks.expiredKeysCheck,
    'the count of evicted keys': checks.evictedKeysCheck,
  };
}

/** Why the server's count of keys with a TTL is not that of the sessions; `null`: it is. */
export function uncountableOf({ cohorts }: Scenario): string | null {
  for (const { name, store } of cohorts) {
    const { uncountable } = storeProfile(store);
    if (uncountable !== null) return `cohort ${name} has the store ${store.name}: ${uncountable}`;
  }
  return null;
}

/** Who or what else may have changed the server's counts; `null`: nothing. */
function othersOf({ facts, pulse, unanswered }: Checkable): string | null {
  if (unanswered > 0) return 'the connection of the load was lost';
  if (pulse.othersConnected) return 'other clients were connected';
  if (pulse.connectionsMade) return 'connections were made during the run';
  return facts.foreignExpires > 0 ? `${facts.foreignExpires} keys of others have a TTL` : null;
}
