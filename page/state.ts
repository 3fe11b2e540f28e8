import { OUTCOMES } from '../src/ledger/outcome.ts';
import type { LiveState } from '../src/metrics/live-point.ts';
import { byId, element, fillTable, setText } from './dom.ts';
import { clock, formatBytes, formatCount, lag, lagOr } from './format.ts';

const PHASES = ['fill', 'measure', 'cut off', 'reconcile', 'clean up', 'done'] as const;

export function showState(state: LiveState): void {
  const { scenario, run, policy, server } = state;
  document.title = `${scenario} · ${state.phase} · ttlscope`;
  setText(byId('title'), `${scenario} · run ${run}`);
  setText(byId('server'), `${server} · ${policy}`);
  showPhases(state);
  showCohorts(state);
  showThresholds(state);
}

/** How long each phase took, and what is left of this one; a phase that an aborted run never came to stays ahead. */
function showPhases({ phase, phases, elapsedSeconds, remainingSeconds }: LiveState): void {
  setText(byId('phase'), phase === 'done' ? '' : `Phase: ${phase}`);
  const left = remainingSeconds === null || phase === 'done' ? '' : `, ${clock(remainingSeconds)} left`;
  byId('phases').replaceChildren(
    ...PHASES.map((name) => {
      if (name === phase) {
        return element('li', { 'aria-current': 'step' }, `${name} · ${clock(elapsedSeconds)} elapsed${left}`);
      }
      const entered = phases.findIndex((one) => one.phase === name);
      if (entered < 0) return element('li', { class: 'ahead' }, name);
      const next = phases[entered + 1];
      const took = next ? ` ${span(next.atSeconds - phases[entered]!.atSeconds)}` : '';
      return element('li', { class: 'past' }, name, element('span', { class: 'took' }, took));
    }),
  );
}

function span(seconds: number): string {
  return seconds < 60 ? lag(seconds) : clock(seconds);
}

function showCohorts({ cohorts }: LiveState): void {
  // Alive and stale are what is in memory at the end: live and stale have them.
  const seen = OUTCOMES.filter(
    (name) => name !== 'alive' && name !== 'stale' && cohorts.some(({ outcomes }) => outcomes[name] > 0),
  );
  fillTable(
    byId('cohorts') as HTMLTableElement,
    ['cohort', 'attempted', 'live', 'stale', ...seen.map((name) => name.replace('_', ' ')), 'p50', 'p99'],
    cohorts.map(({ name, attempted, live, stale, outcomes, lagP50Seconds, lagP99Seconds }) => {
      const due = stale + outcomes.expired + outcomes.evicted_stale;
      return [
        name,
        ...[attempted, live, stale, ...seen.map((outcome) => outcomes[outcome])].map(formatCount),
        lagOr(lagP50Seconds, due),
        lagOr(lagP99Seconds, due),
      ];
    }),
  );
}

function showThresholds({ thresholds }: LiveState): void {
  byId('thresholds-section').hidden = thresholds.length === 0;
  fillTable(
    byId('thresholds') as HTMLTableElement,
    ['threshold', 'so far', 'holds'],
    thresholds.map(({ metric, expression, value, ok }) => [
      `${metric} ${expression}`,
      value === null ? 'not reached' : measured(metric, expression, value),
      element('span', { class: ok ? 'good' : 'bad' }, ok ? '✓ yes' : '✗ no'),
    ]),
  );
}

function measured(metric: string, expression: string, value: number): string {
  if (/^(expiry_lag|delivery_delay|schedule_slip)/.test(metric)) return lag(value);
  if (/bytes/.test(metric)) return formatBytes(value);
  return expression.startsWith('rate') ? `${(100 * value).toPrecision(3)}%` : formatCount(value);
}
