import { parseScenario } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { type Cell, TTL_SECONDS } from './cells.ts';

/** Sessions that are judged, and sweeps or seconds in which they fall due, whichever takes longer. */
const SESSIONS = 600;
const SWEEPS = 4;
const SECONDS = 10;
/** At so low a rate there is not the time for as many. */
const RARE_PER_SECOND = 1;
const RARE_SECONDS = 300;

const ms = (seconds: number): string => `${Math.round(seconds * 1000)}ms`;
const serverOf = ({ hz, effort }: Cell) => ({ hz, 'active-expire-effort': effort, 'dynamic-hz': 'no' });
const livingOf = ({ live }: Cell) => (live > 0 ? { live: { sessions: live, ttl: '1h', payload: 10 } } : {});

export function burstScenario(cell: Cell, ttlSeconds: number, followedSeconds: number): Scenario {
  return parseScenario({
    duration: ms(ttlSeconds),
    cutoff: ms(followedSeconds),
    server: serverOf(cell),
    cohorts: { ...livingOf(cell), due: { sessions: cell.burst, ttl: { together: ms(ttlSeconds) }, payload: 10 } },
  });
}

/** Those of `due` alone are judged: before them others bring the backlog to its steady state, after them others keep it. */
export function steadyScenario(cell: Cell, sweepSeconds: number, followedSeconds: number): Scenario {
  const { perSecond } = cell;
  const enough = perSecond < RARE_PER_SECOND ? RARE_SECONDS : SESSIONS / perSecond;
  const before = TTL_SECONDS + 2.5 * sweepSeconds + 1;
  const judged = Math.max(enough, SWEEPS * sweepSeconds, SECONDS);
  const after = TTL_SECONDS + followedSeconds;
  const lengthsMs = [before, judged, after].map((seconds) => Math.round(seconds * 1000));
  const arriving = (...rates: number[]) => ({
    arrivals: { steps: rates.map((rate, i) => ({ rate: `${rate}/s`, for: `${lengthsMs[i]}ms` })) },
    ttl: ms(TTL_SECONDS),
    payload: 10,
  });
  return parseScenario({
    duration: `${lengthsMs.reduce((sum, length) => sum + length, 0)}ms`,
    server: serverOf(cell),
    cohorts: {
      ...livingOf(cell),
      before: arriving(perSecond, 0, 0),
      due: arriving(0, perSecond, 0),
      after: arriving(0, 0, perSecond),
    },
  });
}
