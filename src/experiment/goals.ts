import { type Problem, ScenarioError } from '../scenario/problem.ts';
import type { Scenario, Threshold } from '../scenario/scenario.ts';
import { parseExpression, parseMetric } from '../scenario/threshold.ts';

/** METRIC or METRIC{cohort:NAME}, then what it is held against. */
const GOAL = /^\s*(\w+(?:\{[^}]*\})?)\s*(\S.*?)?\s*$/;
/** `evicted_early==0`: a count, which need not be said. */
const SHORT_FORM = /^(<=|>=|==|!=|<|>)/;
const EXAMPLE = '"expiry_lag p(99)<500ms" or "evicted_early==0"';

/**
 * The goals of a search: thresholds, written `METRIC EXPRESSION`, where a count may go without the word. With none, the
 * scenario's own thresholds.
 *
 * @throws {ScenarioError} with every goal that is none, and for a scenario without thresholds when there is no goal
 */
export function parseGoals(texts: readonly string[], scenario: Scenario): Threshold[] {
  const problems: Problem[] = [];
  const problem = (file: string, message: string): void => {
    problems.push({ file, line: null, column: null, path: '', message });
  };
  const cohorts = scenario.cohorts.map(({ name }) => name);
  const goals = texts.length === 0 ? scenario.thresholds : [];
  for (const text of texts) {
    const goal = parseGoal(text, cohorts);
    if (typeof goal === 'string') problem(`--goal "${text}"`, goal);
    else goals.push(goal);
  }
  if (goals.length === 0 && problems.length === 0) {
    problem('--goal', `is missing, and ${scenario.name} has no thresholds; say what is to be met: ${EXAMPLE}`);
  }
  if (problems.length > 0) throw new ScenarioError(problems);
  return goals;
}

/** A goal as it is written: `expiry_lag{cohort:visitors} p(99)<500ms`. */
export function printGoal({ metric, cohort, expression }: Threshold): string {
  return `${cohort === null ? metric : `${metric}{cohort:${cohort}}`} ${expression}`;
}

function parseGoal(text: string, cohorts: readonly string[]): Threshold | string {
  const [, key, written] = GOAL.exec(text) ?? [];
  if (key === undefined) return `is not a goal; use ${EXAMPLE}`;
  const metric = parseMetric(key, cohorts);
  if (typeof metric === 'string') {
    return namesNone(text) ? `names no metric; use ${EXAMPLE}` : `"${key}" ${metric}`;
  }
  if (written === undefined) return `says nothing of ${key}; use ${EXAMPLE}`;
  const counts = typeof parseExpression(metric.metric, 'count==0') !== 'string';
  const expression = counts && SHORT_FORM.test(written) ? `count${written}` : written;
  const parsed = parseExpression(metric.metric, expression);
  return typeof parsed === 'string' ? `"${written}" ${parsed}` : { ...metric, ...parsed };
}

/** An expression alone, of whatever kind of metric. */
function namesNone(text: string): boolean {
  return ['expiry_lag', 'stale'].some((metric) => typeof parseExpression(metric, text) !== 'string');
}
