import { OUTCOMES } from '../ledger/outcome.ts';
import { DURATION_ALLOWED, durationMs } from './duration.ts';
import { nearest } from './nearest.ts';
import type { Aggregate, Threshold } from './scenario.ts';

const LAGS = ['expiry_lag', 'expiry_lag_cycle_only', 'delivery_delay', 'schedule_slip'] as const;
const COUNTS = [...OUTCOMES, 'resurrected', 'ambiguous', 'found_gone', 'found_gone_early'] as const;
const METRICS: readonly string[] = [...LAGS, ...COUNTS];
/** Measured for the run as a whole. */
const WHOLE = ['delivery_delay', 'schedule_slip'];

const AGGREGATES: Record<string, readonly string[]> = {
  expiry_lag: ['p(N)', 'med', 'min', 'max', 'avg'],
  expiry_lag_cycle_only: ['p(N)', 'med', 'min', 'max', 'avg'],
  delivery_delay: ['p(N)', 'med', 'max'],
  schedule_slip: ['p(N)', 'med', 'max'],
};

/** Reads `expiry_lag` or `expiry_lag{cohort:visitors}`; a string says what is wrong. */
export function parseMetric(
  key: string,
  cohorts: readonly string[],
): { metric: string; cohort: string | null } | string {
  const [, metric, , cohort] = /^(\w+)(\{cohort:([^}]+)\})?$/.exec(key) ?? [];
  if (metric === undefined) return 'is not a metric; use expiry_lag, stale, …, or expiry_lag{cohort:NAME}';
  if (!METRICS.includes(metric)) {
    const near = nearest(metric, METRICS);
    return `is not a metric${near ? `; did you mean ${near}?` : ''} (known: ${METRICS.join(', ')})`;
  }
  if (cohort === undefined) return { metric, cohort: null };
  if (WHOLE.includes(metric)) return `is measured for the run as a whole; write ${metric}`;
  if (!cohorts.includes(cohort)) return `names a cohort that is not there; use one of ${cohorts.join(', ')}`;
  return { metric, cohort };
}

/** Reads `p(99)<500ms`; a string says what is wrong. */
export function parseExpression(metric: string, expression: string): Omit<Threshold, 'metric' | 'cohort'> | string {
  const allowed = AGGREGATES[metric] ?? ['count', 'rate'];
  const [, name, , percent, operator, written] =
    /^\s*([a-z]+)(\(\s*([\d.]+)\s*\))?\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*$/.exec(expression) ?? [];
  const example = AGGREGATES[metric] ? 'p(99)<500ms or max<2s' : 'count==0 or rate<1%';
  if (name === undefined || operator === undefined || written === undefined) {
    return `is not a threshold; use ${example}`;
  }
  const aggregate = parseAggregate(name, percent);
  if (aggregate === null || !allowed.includes(name === 'p' ? 'p(N)' : name)) {
    return `has an aggregate that ${metric} does not; use ${allowed.join(', ')}`;
  }
  const bound = AGGREGATES[metric] ? seconds(written) : aggregate.kind === 'rate' ? share(written) : whole(written);
  if (bound === null) {
    const what = AGGREGATES[metric] ? DURATION_ALLOWED : aggregate.kind === 'rate' ? '1% or 0.01' : 'a whole number';
    return `has a bound that is not allowed, "${written}"; use ${what}`;
  }
  return { expression, aggregate, operator: operator as Threshold['operator'], bound };
}

function parseAggregate(name: string, percent: string | undefined): Aggregate | null {
  if (name === 'p') {
    const value = Number(percent);
    return percent !== undefined && value > 0 && value <= 100 ? { kind: 'p', percent: value } : null;
  }
  if (percent !== undefined) return null;
  return name === 'max' || name === 'min' || name === 'avg' || name === 'med' || name === 'count' || name === 'rate'
    ? { kind: name }
    : null;
}

function seconds(text: string): number | null {
  const ms = durationMs(text);
  return ms === null ? null : ms / 1000;
}

function share(text: string): number | null {
  const [, amount, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  return amount === undefined ? null : Number(amount) / (percent ? 100 : 1);
}

function whole(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}
