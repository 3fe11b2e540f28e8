import { printSettings } from '../experiment/settings.ts';
import type { Finding, Tune } from '../experiment/tune-file.ts';
import { alteredValues } from './altered-values.ts';
import { formatClock, formatCount } from './precision.ts';
import { renderTable, wrap } from './table.ts';
import {
  changed,
  compareFigures,
  compareGoals,
  formatChange,
  formatMedian,
  type MeasuredRun,
  runsOf,
} from './tune-comparison.ts';
import { costChanges, immutableAmong, tunedCommands, tunedConf } from './tuned-conf.ts';

/** What a person reads at the end of a search: the finding, before and after, and what to write into redis.conf. */
export function renderTune(tune: Tune, width: number): string {
  const { finding } = tune;
  const lines = [
    ...wrap(tuneSentence(tune), width),
    ...(finding === null ? [] : [...comparisonLines(tune, finding, width), ...whatToDo(tune, finding, width)]),
    ...[...badRuns(tune), ...altered(tune)].flatMap((note) => wrap(`- ${note}`, width, '  ')),
    ...wrap(effort(tune), width),
  ];
  return lines.join('\n');
}

/** The finding in a sentence. */
export function tuneSentence(tune: Tune): string {
  const { finding, runs, budget, state } = tune;
  if (finding === null) {
    const ended = state === 'aborted' ? 'ABORTED' : 'NOT COMPLETE';
    return `${ended} after ${formatCount(runs.length)} of at most ${formatCount(budget)} runs: nothing is confirmed.`;
  }
  const { outcome, settings } = finding;
  const [before, after] = comparedRuns(tune, finding);
  switch (outcome) {
    case 'found': {
      const goals = changed(compareGoals(tune, before, after)).map(
        (goal) => `${goal.title} is ${formatMedian(goal, goal.after)} instead of ${formatMedian(goal, goal.before)}`,
      );
      const costs = costChanges(before, after);
      const cost = costs.length === 0 ? '' : ` Its costs: ${costs.join(', ')}.`;
      return `${printSettings(settings)} meets all goals in ${count(after.length, 'full run')}: ${goals.join('; ')}.${cost}`;
    }
    case 'unchanged':
      return `The present settings meet all goals in ${count(before.length, 'full run')}, and nothing that was tried costs less.`;
    case 'none': {
      const nearest = Object.keys(settings).length === 0 ? 'the present settings' : printSettings(settings);
      return `No settings that were tried meet all goals. Nearest came ${nearest}.`;
    }
    case 'not measurable':
      return 'The present settings could not be measured, so that there is nothing to compare with.';
    default:
      return outcome satisfies never;
  }
}

/** Full runs where there are some under both settings, else short ones. */
function comparedRuns(tune: Tune, { full, short }: Finding): [MeasuredRun[], MeasuredRun[]] {
  const { present, settings } = full.present.length > 0 && full.settings.length > 0 ? full : short;
  return [runsOf(tune, present), runsOf(tune, settings)];
}

function comparisonLines(tune: Tune, finding: Finding, width: number): string[] {
  const [before, after] = comparedRuns(tune, finding);
  if (before.length === 0) return [];
  const same = Object.keys(finding.settings).length === 0;
  const compared = [...compareGoals(tune, before, after), ...compareFigures(before, after)];
  const rows = compared.map((each) => [
    each.title,
    formatMedian(each, each.before),
    ...(same ? [] : [formatMedian(each, each.after), formatChange(each) ?? '']),
  ]);
  const afterTitle = finding.outcome === 'none' ? 'nearest' : 'found';
  const length = before[0]!.length;
  const runs = (label: string, of: readonly MeasuredRun[]): string =>
    `${label}: ${of.map(({ run }) => run).join(', ')}`;
  const numbers = [runs('present', before), ...(same ? [] : [runs(afterTitle, after)])].join('; ');
  return [
    '',
    ...renderTable(['median', 'present', ...(same ? [] : [afterTitle, 'change'])], rows, width),
    ...wrap(`${length} runs of ${formatClock(runMs(tune[length]))}, ${numbers}`, width),
  ];
}

function whatToDo(tune: Tune, finding: Finding, width: number): string[] {
  switch (finding.outcome) {
    case 'found':
      return ['', 'redis.conf:', '', tunedConf(tune, finding).trimEnd(), '', ...untilRestart(tune, finding, width), ''];
    case 'none':
      return [
        '',
        ...bestOfEach(tune, width),
        ...(finding.remedies.length === 0 ? [] : ['What would help:']),
        ...finding.remedies.flatMap((remedy) => wrap(`- ${remedy}`, width, '  ')),
        '',
      ];
    case 'unchanged':
    case 'not measurable':
      return [''];
    default:
      return finding.outcome satisfies never;
  }
}

function untilRestart(tune: Tune, { settings }: Finding, width: number): string[] {
  const commands = tunedCommands(tune, settings);
  const immutable = immutableAmong(tune.axes, settings);
  return [
    ...(commands.length === 0 ? [] : ['The same until the server restarts, in redis-cli:', '', ...commands]),
    ...(immutable.length === 0
      ? []
      : wrap(`Set by a restart only, and by no CONFIG SET: ${immutable.join(', ')}.`, width)),
  ];
}

/** Of each goal the run that came nearest to it, whatever became of the others. */
function bestOfEach(tune: Tune, width: number): string[] {
  const valid = tune.runs.filter(
    (run): run is MeasuredRun => run.state === 'measured' && run.result.verdict.state === 'valid',
  );
  return tune.goals.flatMap((goal, i) => {
    const shortfall = ({ goals }: MeasuredRun): number => goals[i]!.shortfall ?? Number.POSITIVE_INFINITY;
    const [best] = [...valid].sort((one, other) => shortfall(one) - shortfall(other));
    if (!best) return [];
    const comparison = compareGoals(tune, [], [best])[i]!;
    const under = Object.keys(best.settings).length === 0 ? 'the present settings' : printSettings(best.settings);
    const text = `${goal}: at best ${formatMedian(comparison, comparison.after)}, under ${under} (${best.length} run ${best.run})`;
    return wrap(text, width, '  ');
  });
}

function badRuns({ runs }: Tune): string[] {
  return runs.flatMap((run) => {
    const under = `run ${run.run}, ${printSettings(run.settings) || 'present settings'}`;
    if (run.state === 'failed') return [`${under}: failed: ${run.message}`];
    const { state, reasons } = run.result.verdict;
    return state === 'valid' ? [] : [`${under}: ${state}, its figures are not counted: ${reasons[0]}`];
  });
}

function altered({ runs }: Tune): string[] {
  return [
    ...new Set(
      runs.flatMap((run) => (run.state === 'measured' ? alteredValues(run.settings, run.result.server.settings) : [])),
    ),
  ];
}

function effort({ runs, budget, axes }: Tune): string {
  const full = runs.filter(({ length }) => length === 'full').length;
  const seconds = runs.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0);
  const over = axes.map(({ setting, levels }) => `${setting} (${levels.join(', ')})`).join('; ');
  return `${count(runs.length - full, 'short run')} and ${count(full, 'full run')} of at most ${formatCount(budget)}, in ${formatClock(1000 * seconds)}; searched over ${over}.`;
}

function runMs({ durationMs, cutoffMs }: Tune['full']): number {
  return durationMs + cutoffMs;
}

function count(n: number, one: string): string {
  return `${formatCount(n)} ${one}${n === 1 ? '' : 's'}`;
}
