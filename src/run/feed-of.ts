import type { Ledger } from '../ledger/ledger.ts';
import type { OpenLoop } from '../load/open-loop.ts';
import type { Plan } from '../load/plan.ts';
import { type Endpoint, printEndpoint } from '../redis/endpoint.ts';
import type { ServerFacts } from '../redis/inspect.ts';
import { outputBufferLimit } from '../redis/output-buffer-limit.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Pulse } from './pulse.ts';
import type { RunClock } from './run-clock.ts';
import type { RunFeed } from './run-feed.ts';
import { meanSessionBytes } from './stale-memory.ts';
import type { Trial } from './trial.ts';

interface Prepared {
  run: string;
  scenario: Scenario;
  endpoint: Endpoint;
  facts: ServerFacts;
  clock: RunClock;
  plan: Plan;
  ledger: Ledger;
  pulse: Pulse;
  load: OpenLoop;
  trial: Trial;
}

/** What a watcher needs of a run that has been prepared. */
export function feedOf({ run, scenario, endpoint, facts, clock, plan, ledger, pulse, load, trial }: Prepared): RunFeed {
  const { engine, version, effectiveHz, settings, notifyFlags } = facts;
  const limits = settings['client-output-buffer-limit'];
  return {
    run,
    server: {
      engine,
      version,
      endpoint: printEndpoint(endpoint),
      hz: effectiveHz,
      policy: settings['maxmemory-policy'] ?? 'unknown',
      notifyFlags,
      pubsubLimitBytes: limits === undefined ? null : (outputBufferLimit(limits, 'pubsub')?.hardBytes ?? null),
    },
    epochMs: clock.epochMs,
    planned: plan.sessions,
    sessionBytes: meanSessionBytes(scenario, trial.overheadBytes),
    tallies: ledger.tallies.map(({ buffers }) => buffers),
    deadlines: ledger.deadlines.buffers,
    requests: ledger.requests.buffer as SharedArrayBuffer,
    deliveryDelay: pulse.delivery.buffer,
    scheduleSlip: load.slip.buffer,
  };
}
