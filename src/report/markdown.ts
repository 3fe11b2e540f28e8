import { OUTCOMES } from '../ledger/outcome.ts';
import type { Result } from '../result/schema.ts';
import { dueOf, finding, lagErrorMs } from './finding.ts';
import { formatBeyond, formatCount, formatLag } from './precision.ts';
import { shownThreshold } from './shown-threshold.ts';

const VERDICTS = {
  valid: '✅ valid',
  invalid: '❌ **invalid: do not quote these figures**',
  aborted: '⚠️ **aborted before its end**',
} as const;

/** What matters of a run in Markdown, for the summary of a CI job or a comment. */
export function renderMarkdown(result: Result): string {
  const { scenario, server, verdict, thresholds, command } = result;
  const errorMs = lagErrorMs(result);
  const named = Object.entries(result.cohorts);
  const tallies = named.length === 1 ? named : [...named, ['all', result.totals] as const];
  const seen = OUTCOMES.filter((outcome) => result.totals.outcomes[outcome] > 0);
  const rows = tallies.map(([name, tally]) => {
    const { p50, p99, beyond, horizon } = tally.expiryLagSeconds;
    const at = (seconds: number | null): string => {
      if (dueOf(tally) === 0) return '-';
      return seconds === null ? formatBeyond(beyond ?? horizon ?? 0, errorMs) : formatLag(seconds, errorMs);
    };
    const counts = [tally.attempted, ...seen.map((outcome) => tally.outcomes[outcome])];
    return [name, ...counts.map(formatCount), at(p50), at(p99)];
  });
  const header = ['cohort', 'attempted', ...seen.map((outcome) => outcome.replace('_', ' ')), 'lag p50', 'lag p99'];
  const lines = [
    `## ttlscope: ${escaped(String(scenario.name))}`,
    '',
    escaped(finding(result)),
    '',
    `Verdict: ${VERDICTS[verdict.state]}. ${escaped(`${server.engine} ${server.version}`)}.`,
    ...(verdict.reasons.length === 0 ? [] : ['', ...verdict.reasons.map((reason) => `- ${escaped(reason)}`)]),
    '',
    ...table(header, rows),
    ...(thresholds.length === 0
      ? []
      : [
          '',
          ...table(
            ['threshold', 'measured', 'holds'],
            thresholds.map((threshold) => [
              `${threshold.metric} ${threshold.expression}`,
              shownThreshold(threshold, result),
              threshold.ok ? '✅' : '❌',
            ]),
          ),
        ]),
    ...(command === null ? [] : ['', ...fenced(command)]),
    '',
  ];
  return lines.join('\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  const rule = header.map((_, i) => (i === 0 ? ':--' : '--:'));
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)];
}

/** Between fences longer than any within it. */
function fenced(code: string): string[] {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sh`, code, fence];
}

/** Text that Markdown takes for text. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#~&@]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}
