import type { Settings } from '../experiment/settings.ts';
import type { Finding, Tune } from '../experiment/tune-file.ts';
import { alteredValues } from './altered-values.ts';
import { wrap } from './table.ts';
import {
  changed,
  compareFigure,
  compareGoals,
  formatChange,
  formatMedian,
  type MeasuredRun,
  runsOf,
} from './tune-comparison.ts';

const COLUMNS = 100;

/** The part of a redis.conf: each setting that was found, below what it was measured to do, and in which runs. */
export function tunedConf(tune: Tune, finding: Finding): string {
  const { full, settings } = finding;
  const [before, after] = [runsOf(tune, full.present), runsOf(tune, full.settings)];
  const { engine, version, settings: inForce } = after[0]!.result.server;
  const flags = inForce['notify-keyspace-events'] ?? '';
  const head = [
    `ttlscope tune ${String(tune.scenario.name)}, ${engine} ${version}, goals: ${tune.goals.join(', ')}`,
    `In all runs notify-keyspace-events was "${flags}"; a server without it tells of no end of a session.`,
    ...(Object.keys(settings).length > 1 ? [`All together: ${effect(tune, before, after, 'full')}`] : []),
  ];
  const lines = Object.entries(settings).flatMap(([setting, value]) => [
    '',
    ...comment(effectOf(setting, tune, finding)),
    ...alteredValues({ [setting]: value }, inForce).flatMap(comment),
    `${setting} ${value === '' ? '""' : value}`,
  ]);
  return [...head.flatMap(comment), ...lines, ''].join('\n');
}

/** The same for redis-cli, to be typed or piped into it, without what only a start can set. */
export function tunedCommands({ axes }: Tune, settings: Settings): string[] {
  const immutable = immutableAmong(axes, settings);
  const changeable = Object.entries(settings).filter(([setting]) => !immutable.includes(setting));
  return changeable.map(([setting, value]) => {
    const word = /^[\w.:,-]+$/.test(value) ? value : JSON.stringify(value);
    return `CONFIG SET ${setting} ${word}`;
  });
}

/** Of the settings those that CONFIG SET does not change. */
export function immutableAmong(axes: Tune['axes'], settings: Settings): string[] {
  return axes.flatMap(({ setting, immutable }) => (immutable && setting in settings ? [setting] : []));
}

/** What one setting does: by itself where it is the only one, else by what its absence does to the others. */
function effectOf(setting: string, tune: Tune, { full, short, effects, settings }: Finding): string {
  if (Object.keys(settings).length === 1) {
    return effect(tune, runsOf(tune, full.present), runsOf(tune, full.settings), 'full');
  }
  const without = effects.find((each) => each.setting === setting)?.without ?? null;
  const [before, after] = [runsOf(tune, without === null ? [] : [without]), runsOf(tune, short.settings)];
  if (before.length === 0 || after.length === 0) {
    return 'what it adds was not measured, for want of runs: it is part of the above';
  }
  return `without it, then with it: ${effect(tune, before, after, 'short')}`;
}

/** `expiry_lag p(99)<500ms: 37.6 s -> 390 ms, server CPU +3.1% (full runs 12, 14 against 11, 13)` */
function effect(tune: Tune, before: readonly MeasuredRun[], after: readonly MeasuredRun[], length: string): string {
  const goals = changed(compareGoals(tune, before, after)).map(
    (goal) => `${goal.title}: ${formatMedian(goal, goal.before)} -> ${formatMedian(goal, goal.after)}`,
  );
  const costs = costChanges(before, after);
  const numbers = (runs: readonly MeasuredRun[]): string => runs.map(({ run }) => run).join(', ');
  const plural = before.length + after.length > 2 ? 'runs' : 'run';
  return `${[...goals, ...costs].join(', ')} (${length} ${plural} ${numbers(after)} against ${numbers(before)})`;
}

/** What settings cost beside others, as far as the server tells: `server CPU 382 ms -> 748 ms (+95%)`. */
export function costChanges(before: readonly MeasuredRun[], after: readonly MeasuredRun[]): string[] {
  return (['serverCpuSeconds', 'peakMemoryBytes'] as const).flatMap((name) => {
    const cost = compareFigure(name, before, after);
    const change = formatChange(cost);
    if (change === null) return [];
    return `${cost.title} ${formatMedian(cost, cost.before)} -> ${formatMedian(cost, cost.after)} (${change})`;
  });
}

function comment(text: string): string[] {
  return wrap(text, COLUMNS - 2, '  ').map((line) => `# ${line}`);
}
