import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../result/schema.ts';
import type { Summary } from './objective.ts';
import { type Settings, sameSettings } from './settings.ts';
import { summarise, validResults } from './summary.ts';
import type { Sweep } from './sweep-file.ts';

/** A result or a sweep, as far as they are compared. */
export interface Measured {
  kind: 'result' | 'sweep';
  scenario: Readonly<Record<string, unknown>>;
  /** Of the runs that the figures are of; those of an invalid single result are shown, and it is said. */
  cells: { settings: Settings; figures: Summary; results: Result[] }[];
  /** What makes its figures doubtful. */
  doubts: string[];
}

/** The same cell in both. */
export interface Pair {
  settings: Settings;
  one: Measured['cells'][number];
  other: Measured['cells'][number];
}

export interface Comparison {
  /** What else than the figures differs: `durationMs: 2000 → 3000`. */
  differences: string[];
  pairs: Pair[];
  /** Cells that only one of them has. */
  onlyInOne: Settings[];
  onlyInOther: Settings[];
}

export function measuredOf(data: Result | Sweep): Measured {
  if (data.schema === 'ttlscope.result/1') {
    const { verdict, scenario } = data;
    const doubts = verdict.state === 'valid' ? [] : [`is ${verdict.state}: ${verdict.reasons[0]}`];
    return { kind: 'result', scenario, cells: [{ settings: {}, figures: summarise([data]), results: [data] }], doubts };
  }
  const runs = data.cells.flatMap((cell) => cell.runs);
  const valid = data.cells.reduce((sum, cell) => sum + validResults(cell.runs).length, 0);
  const planned = data.cells.length * data.repeats;
  return {
    kind: 'sweep',
    scenario: data.scenario,
    cells: data.cells.map((cell) => ({
      settings: cell.settings,
      figures: cell.figures,
      results: validResults(cell.runs),
    })),
    doubts: [
      ...(data.state === 'complete' ? [] : [`is not complete: ${runs.length} of ${planned} runs were made`]),
      ...(valid === runs.length ? [] : [`has ${runs.length - valid} runs that failed or are not valid`]),
    ],
  };
}

/** Pairs the cells that have the same settings; where each has one cell only, these. */
export function compare(one: Measured, other: Measured): Comparison {
  const isSingle = one.cells.length === 1 && other.cells.length === 1;
  const pairs = one.cells.flatMap((cell): Pair[] => {
    const twin = isSingle ? other.cells[0] : other.cells.find(({ settings }) => sameSettings(settings, cell.settings));
    return twin ? [{ settings: cell.settings, one: cell, other: twin }] : [];
  });
  const missing = (cells: Measured['cells'], side: 'one' | 'other'): Settings[] =>
    cells.filter((cell) => !pairs.some((pair) => pair[side] === cell)).map(({ settings }) => settings);
  return {
    differences: [
      ...differencesIn('', { ...one.scenario, server: serverOf(one) }, { ...other.scenario, server: serverOf(other) }),
      ...(isSingle ? differencesIn('settings', one.cells[0]!.settings, other.cells[0]!.settings) : []),
    ],
    pairs,
    onlyInOne: missing(one.cells, 'one'),
    onlyInOther: missing(other.cells, 'other'),
  };
}

/** What server it was, with the settings that it had, or in a sweep those that all cells had. */
function serverOf({ kind, scenario, cells }: Measured): unknown {
  const [first] = cells.flatMap(({ results }) => results);
  const { engine, version, embedded } = first?.server ?? {};
  const settings = kind === 'result' ? first!.server.settings : (scenario.server as Settings);
  return { engine, version, embedded, ...settings };
}

/** The values that differ, each by its path. */
function differencesIn(path: string, one: unknown, other: unknown): string[] {
  if (isDeepStrictEqual(one, other)) return [];
  const [a, b] = [partsOf(one), partsOf(other)];
  if (a === null || b === null) return [`${path}: ${print(one)} → ${print(other)}`];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differencesIn(path === '' ? key : `${path}.${key}`, a[key], b[key]));
}

/** A list of cohorts by their names, so that one more does not shift the others. */
function partsOf(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value)) return value as Record<string, unknown>;
  return Object.fromEntries(value.map((part, i) => [(part as { name?: string } | null)?.name ?? i, part]));
}

function print(value: unknown): string {
  return value === undefined ? 'not there' : typeof value === 'string' ? value || '""' : JSON.stringify(value);
}
