import { OUTCOMES } from '../ledger/outcome.ts';
import type { ExpiryLag } from '../ledger/tally.ts';
import type { Result, Spread } from '../result/schema.ts';
import { evictionTable } from './evictions.ts';
import { dueOf, finding, lagErrorMs } from './finding.ts';
import { foundGoneText } from './found-gone.ts';
import { formatBeyond, formatCount, formatLag } from './precision.ts';
import { serverLines } from './server-lines.ts';
import { shownThreshold } from './shown-threshold.ts';
import { renderTable, wrap } from './table.ts';

const COLUMNS = 80;
/** What the instrument reports of itself is read from clocks here: digits below this say nothing. */
const OWN_ERROR_MS = 0.01;

type TallyResult = Result['totals'];

export interface SummaryOptions {
  /** Emphasis by ANSI colours; what is said does not depend on it. */
  colour: boolean;
}

/** What a person reads at the end of a run: the finding first, at most 80 columns wide. */
export function renderSummary(result: Result, { colour }: SummaryOptions): string {
  const paint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const heading = (text: string): string[] => ['', paint(1, text)];
  const verdict = verdictLines(result);
  const bad = result.verdict.state !== 'valid';
  const lines = [
    ...(bad ? [...verdict.map((line) => paint(31, line)), ''] : []),
    ...wrap(finding(result), COLUMNS).map((line) => paint(1, line)),
    ...heading('Outcomes'),
    ...outcomeLines(result),
    ...heading('Expiry lag: deadline to notification, the never notified counted'),
    ...lagLines(result),
    ...visitorLines(result),
    ...evictedLines(result, heading),
    ...heading('Server, in the measurement'),
    ...named(serverLines(result)),
    ...heading('Instrument'),
    ...instrumentLines(result),
    ...thresholdLines(result, paint, heading),
    ...(bad ? [] : ['', ...verdict.map((line, i) => (i === 0 ? paint(32, line) : line))]),
  ];
  return lines.join('\n');
}

function verdictLines({ verdict: { state, reasons } }: Result): string[] {
  const meaning = { valid: 'valid', invalid: 'INVALID: do not quote these figures', aborted: 'ABORTED before its end' };
  return [`Verdict: ${meaning[state]}`, ...reasons.flatMap((reason) => wrap(`- ${reason}`, COLUMNS, '  '))];
}

/** Cohorts with a name for each line; the total only where there is more than one. */
function tallies({ cohorts, totals }: Result): [string, TallyResult][] {
  const named = Object.entries(cohorts);
  return named.length === 1 ? named : [...named, ['all', totals]];
}

function outcomeLines(result: Result): string[] {
  const seen = OUTCOMES.filter((outcome) => result.totals.outcomes[outcome] > 0);
  const { resurrected, ambiguous } = result.totals;
  const beside = [
    ...(resurrected > 0 ? (['resurrected'] as const) : []),
    ...(ambiguous > 0 ? (['ambiguous'] as const) : []),
  ];
  const header = ['cohort', 'attempted', ...seen.map((outcome) => outcome.replace('_', ' ')), ...beside];
  const rows = tallies(result).map(([name, tally]) => [
    name,
    ...[tally.attempted, ...seen.map((outcome) => tally.outcomes[outcome]), ...beside.map((key) => tally[key])].map(
      formatCount,
    ),
  ]);
  return renderTable(header, rows, COLUMNS);
}

function lagLines(result: Result): string[] {
  const due = tallies(result).filter(([, tally]) => dueOf(tally) > 0);
  if (due.length === 0) return ['no session fell due'];
  const errorMs = lagErrorMs(result);
  const row = (name: string, tally: TallyResult, lag: ExpiryLag): string[] => {
    const at = (seconds: number | null): string =>
      seconds === null ? formatBeyond(lag.beyond ?? lag.horizon ?? 0, errorMs) : formatLag(seconds, errorMs);
    const mean = lag.restrictedMean === null ? '-' : formatLag(lag.restrictedMean, errorMs);
    return [
      name,
      formatCount(dueOf(tally)),
      formatCount(lag.delivered),
      ...[lag.p50, lag.p90, lag.p99, lag.max].map(at),
      mean,
    ];
  };
  const rows = due.map(([name, tally]) => row(name, tally, tally.expiryLagSeconds));
  const [, whole] = due.at(-1)!;
  const provoked = whole.causes.command;
  if (provoked > 0) rows.push(row('only the cycle*', whole, whole.expiryLagCycleOnlySeconds));
  const { horizon } = whole.expiryLagSeconds;
  const note = `mean: restricted to ${formatLag(horizon ?? 0, errorMs)}, the longest time that any was followed; error of a lag: ${formatLag(errorMs / 1000, OWN_ERROR_MS)}`;
  const star = `* hypothetical: had no command touched a dead session (${formatCount(provoked)} were) or evicted one (Kaplan-Meier)`;
  return [
    ...renderTable(['cohort', 'fell due', 'heard', 'p50', 'p90', 'p99', 'max', 'mean'], rows, COLUMNS),
    ...wrap(note, COLUMNS),
    ...(provoked > 0 ? wrap(star, COLUMNS, '  ') : []),
  ];
}

function evictedLines(result: Result, heading: (text: string) => string[]): string[] {
  const table = evictionTable(result, tallies(result));
  if (table === null) return [];
  return [...heading('Evicted'), ...renderTable(table.header, table.rows, COLUMNS), ...wrap(table.note, COLUMNS)];
}

function visitorLines(result: Result): string[] {
  const text = foundGoneText(result);
  return text === null ? [] : ['', ...wrap(text, COLUMNS)];
}

function instrumentLines({ instrument, server }: Result): string[] {
  const { canaries, staleCountCheck, expiredKeysCheck, evictedKeysCheck, littlesLaw, gaps, eventLoopDelaySeconds } =
    instrument;
  const ms = (seconds: number | null): string => (seconds === null ? '-' : formatLag(seconds, OWN_ERROR_MS));
  const spread = ({ p50, p99, max }: Spread): string => `p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)}`;
  const flip =
    canaries.lastPresentMs === null || canaries.firstGoneMs === null
      ? ''
      : `; last seen ${canaries.lastPresentMs.toFixed(3)} ms, first gone ${canaries.firstGoneMs.toFixed(3)} ms after it`;
  const failed = canaries.violations.length === 0 ? '' : `, ${canaries.violations.length} did not`;
  const { main, observer } = eventLoopDelaySeconds;
  const lines: [string, string][] = [
    [
      'server',
      `${server.engine} ${server.version}${server.embedded ? ', embedded' : ` at ${server.endpoint}`}, hz ${server.settings.hz ?? '?'}`,
    ],
    ['clock error', `${ms(instrument.clockErrorMs / 1000)}`],
    ['delivery delay', spread(instrument.deliveryDelaySeconds)],
    [
      'schedule slip',
      instrument.scheduleSlipSeconds.count === 0 ? 'nothing was scheduled' : spread(instrument.scheduleSlipSeconds),
    ],
    ['event loop, p99', `${ms(observer?.p99 ?? null)} where events arrive, ${ms(main.p99)} where load is made`],
    ['canaries', `${canaries.flippedOnTime} flipped on time${failed}${flip}`],
    [
      'checks',
      `stale count ${staleCountCheck.state}, expired keys ${expiredKeysCheck.state}, evicted keys ${evictedKeysCheck.state}, Little's law ${littlesLaw.state}`,
    ],
    ...(gaps.length === 0 ? [] : ([['gaps', `${gaps.length}: see the verdict`]] as [string, string][])),
  ];
  return named(lines);
}

/** Texts behind their names, aligned. */
function named(lines: readonly (readonly [string, string])[]): string[] {
  const label = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines.flatMap(([name, text]) =>
    wrap(text, COLUMNS - label).map((line, i) => (i === 0 ? name : '').padEnd(label) + line),
  );
}

function thresholdLines(
  result: Result,
  paint: (code: number, text: string) => string,
  heading: (text: string) => string[],
): string[] {
  if (result.thresholds.length === 0) return [];
  return [
    ...heading('Thresholds'),
    ...result.thresholds.flatMap((threshold) => {
      const { metric, expression, ok } = threshold;
      const shown = shownThreshold(threshold, result);
      const text = wrap(`${ok ? '✓' : '✗'} ${metric} ${expression} (${shown})`, COLUMNS, '  ');
      return text.map((line) => paint(ok ? 32 : 31, line));
    }),
  ];
}
