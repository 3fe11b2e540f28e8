import { stringify } from 'yaml';
import { OUTCOMES } from '../../ledger/outcome.ts';
import type { ExpiryLag } from '../../ledger/tally.ts';
import type { Result, Spread, TallyResult } from '../../result/schema.ts';
import { evictionTable } from '../evictions.ts';
import { dueOf, finding, lagErrorMs } from '../finding.ts';
import { foundGoneText } from '../found-gone.ts';
import { formatBeyond, formatCount, formatLag } from '../precision.ts';
import { serverLines } from '../server-lines.ts';
import { shownThreshold } from '../shown-threshold.ts';
import { lagHeatmap } from './lag-heatmap.ts';
import { type Markup, markup } from './markup.ts';
import { overTime } from './over-time.ts';
import { page, pairs, section, table } from './page.ts';
import { survivalCurve } from './survival-curve.ts';

const OWN_ERROR_MS = 0.01;

/** The report of a run: one file, to be opened anywhere and mailed to anyone. */
export function runReport(result: Result): string {
  const { scenario, run, startedAt, server, thresholds } = result;
  const name = String(scenario.name);
  const errorMs = lagErrorMs(result);
  const charts = [survivalCurve(result, errorMs), lagHeatmap(result), ...overTime(result)];
  const policy = server.settings['maxmemory-policy'];
  const found = markup`<p class="finding">${finding(result)}</p>\n`;
  return page(
    `${name}: ttlscope`,
    markup`<header><h1>${name}</h1>
<p class="quiet">run ${run}, ${startedAt.replace('T', ' ').replace(/\..*/, '')} UTC; ${server.engine} ${server.version}${server.embedded ? ', embedded' : ` at ${server.endpoint}`}${policy === undefined ? null : `, ${policy}`}</p></header>
<main>
${result.verdict.state === 'valid' ? markup`${found}${verdict(result)}` : markup`${verdict(result)}${found}`}
${section('Cohorts', cohorts(result, errorMs))}
${evicted(result)}
${thresholds.length === 0 ? null : section('Thresholds', thresholdTable(result))}
${section('Over time, and over lag', markup`<div class="charts">${charts.filter((chart) => chart !== null)}</div>`)}
${section('Server, in the measurement', pairs(serverLines(result)))}
${section('Instrument', instrument(result))}
${section('To run it again', reproduction(result))}
</main>`,
  );
}

function verdict({ verdict: { state, reasons } }: Result): Markup {
  const meaning = { valid: 'valid', invalid: 'invalid: do not quote these figures', aborted: 'aborted before its end' };
  const list = reasons.length === 0 ? null : markup`<ul>${reasons.map((reason) => markup`<li>${reason}</li>`)}</ul>`;
  return markup`<div class="verdict${state === 'valid' ? '' : ' bad'}"><strong>Verdict: ${meaning[state]}</strong>${list}</div>`;
}

function cohorts(result: Result, errorMs: number): Markup {
  const seen = OUTCOMES.filter((outcome) => result.totals.outcomes[outcome] > 0);
  const header = [
    'cohort',
    'attempted',
    ...seen.map((outcome) => outcome.replace('_', ' ')),
    'fell due',
    'p50',
    'p90',
    'p99',
    'max',
    'mean',
  ];
  const rows = tallies(result).map(([name, tally]) => {
    const counts = [tally.attempted, ...seen.map((outcome) => tally.outcomes[outcome]), dueOf(tally)];
    return [name, ...counts.map(formatCount), ...lags(tally.expiryLagSeconds, dueOf(tally), errorMs)];
  });
  const { horizon } = result.totals.expiryLagSeconds;
  const note =
    horizon === null
      ? null
      : markup`<p class="quiet">Lag: deadline to notification, the never notified counted. Mean: restricted to ${formatLag(horizon, errorMs)}, the longest time that any was followed. Error of a lag: ${formatLag(errorMs / 1000, OWN_ERROR_MS)}.</p>`;
  const visitors = foundGoneText(result);
  return markup`${table(header, rows)}${note}${visitors === null ? null : markup`<p>${visitors}</p>`}`;
}

function tallies({ cohorts, totals }: Result): [string, TallyResult][] {
  const named = Object.entries(cohorts);
  return named.length === 1 ? named : [...named, ['all', totals]];
}

function evicted(result: Result): Markup | null {
  const of = evictionTable(result, tallies(result));
  if (of === null) return null;
  return section('Evicted', markup`${table(of.header, of.rows)}<p class="quiet">${of.note}</p>`);
}

function lags(
  { p50, p90, p99, max, restrictedMean, beyond, horizon }: ExpiryLag,
  due: number,
  errorMs: number,
): string[] {
  if (due === 0) return ['-', '-', '-', '-', '-'];
  const at = (seconds: number | null): string =>
    seconds === null ? formatBeyond(beyond ?? horizon ?? 0, errorMs) : formatLag(seconds, errorMs);
  return [...[p50, p90, p99, max].map(at), restrictedMean === null ? '-' : formatLag(restrictedMean, errorMs)];
}

function thresholdTable(result: Result): Markup {
  return table(
    ['threshold', 'measured', 'holds'],
    result.thresholds.map((threshold) => [
      `${threshold.metric} ${threshold.expression}`,
      shownThreshold(threshold, result),
      threshold.ok ? markup`<span class="good">✓ yes</span>` : markup`<span class="bad-text">✗ no</span>`,
    ]),
  );
}

function instrument({ instrument: of }: Result): Markup {
  const ms = (seconds: number | null): string => (seconds === null ? '-' : formatLag(seconds, OWN_ERROR_MS));
  const spread = ({ count, p50, p99, max }: Spread): string =>
    count === 0 ? 'nothing was measured' : `p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)}`;
  const { main, observer } = of.eventLoopDelaySeconds;
  const check = ({ state, reason, fences }: Result['instrument']['staleCountCheck']): string =>
    `${state} at ${formatCount(fences)} fences${reason === null ? '' : `: ${reason}`}`;
  return pairs([
    ['clock error', ms(of.clockErrorMs / 1000)],
    ['delivery delay', spread(of.deliveryDelaySeconds)],
    ['schedule slip', spread(of.scheduleSlipSeconds)],
    ['event loop, p99', `${ms(observer?.p99 ?? null)} where events arrive, ${ms(main.p99)} where load is made`],
    [
      'canaries',
      `${of.canaries.flippedOnTime} flipped on time, ${of.canaries.violations.length} did not; ${of.canaries.planned} were planned`,
    ],
    ['stale count', check(of.staleCountCheck)],
    ['expired keys', check(of.expiredKeysCheck)],
    ['evicted keys', check(of.evictedKeysCheck)],
    ["Little's law", check(of.littlesLaw)],
    ['gaps', String(of.gaps.length)],
  ]);
}

function reproduction({ command, version, seed, server, scenario }: Result): Markup {
  const settings = Object.entries(server.settings).map(([name, value]) => `${name} ${value === '' ? '""' : value}`);
  return markup`${command === null ? null : markup`<pre>${command}</pre>`}
<p class="quiet">ttlscope ${version}. Seed ${seed}: the same plan of sessions again.</p>
<details><summary>Settings of the server in force</summary><pre>${settings.join('\n')}</pre></details>
<details><summary>The scenario, resolved</summary><pre>${stringify(scenario)}</pre></details>`;
}
