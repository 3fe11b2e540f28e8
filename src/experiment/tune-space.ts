import type { Settings } from './settings.ts';

/** A setting that a search may change. */
export interface SearchAxis {
  setting: string;
  levels: readonly string[];
  /** Position of the present value. */
  present: number;
  /** The levels are numbers in ascending order, and what they do is taken to go one way. */
  ordered: boolean;
  /** As of a KnownAxis. */
  immutable?: true;
}

/** Position of a level on each axis. */
export type Point = readonly number[];

export function presentPoint(axes: readonly SearchAxis[]): Point {
  return axes.map(({ present }) => present);
}

/** The axes on which a point is not where the present settings are. */
export function changesOf(point: Point, axes: readonly SearchAxis[]): number[] {
  return point.flatMap((level, axis) => (level === axes[axis]!.present ? [] : [axis]));
}

/** The settings that a point changes. */
export function settingsAt(point: Point, axes: readonly SearchAxis[]): Settings {
  return Object.fromEntries(
    changesOf(point, axes).map((axis) => [axes[axis]!.setting, axes[axis]!.levels[point[axis]!]!]),
  );
}

export function withLevel(point: Point, axis: number, level: number): Point {
  return point.map((value, i) => (i === axis ? level : value));
}
