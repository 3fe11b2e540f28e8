import type { Settings } from '../../src/experiment/settings.ts';
import type { Measured } from '../../src/experiment/tune-cost.ts';
import type { Answer, RunRequest } from '../../src/experiment/tune-search.ts';
import { type SearchAxis, settingsAt } from '../../src/experiment/tune-space.ts';

/** What a server under these settings would show. */
export interface Shown {
  /** 0: the goal is met. */
  shortfall: number;
  cpuSeconds: number;
  peakMemoryBytes?: number;
  refused?: number;
}

/** Answers a search from a function of the settings, and keeps what was asked. */
export class SyntheticServer {
  readonly asked: (RunRequest & { settings: Settings })[] = [];
  readonly #axes: readonly SearchAxis[];
  readonly #show: (settings: Settings, request: RunRequest, run: number) => Shown | null;

  constructor(
    axes: readonly SearchAxis[],
    show: (settings: Settings, request: RunRequest, run: number) => Shown | null,
  ) {
    this.#axes = axes;
    this.#show = show;
  }

  readonly measure = async (request: RunRequest): Promise<Answer> => {
    const settings = settingsAt(request.point, this.#axes);
    this.asked.push({ ...request, settings });
    const shown = this.#show(settings, request, this.asked.length);
    return { runs: 1, measured: shown && measuredOf(shown, this.asked.length) };
  };

  full(): Settings[] {
    return this.asked.filter(({ length }) => length === 'full').map(({ settings }) => settings);
  }
}

function measuredOf({ shortfall, cpuSeconds, peakMemoryBytes = 1e6, refused = 0 }: Shown, run: number): Measured {
  return { run, shortfalls: [shortfall], harms: { refused }, cpuSeconds, peakMemoryBytes };
}

/** An axis of numbers that is at `present`. */
export function numbers(setting: string, present: number, ...levels: number[]): SearchAxis {
  return { setting, levels: levels.map(String), present: levels.indexOf(present), ordered: true };
}

/** An axis of names that is at the first. */
export function names(setting: string, ...levels: string[]): SearchAxis {
  return { setting, levels, present: 0, ordered: false };
}
