import { forecast } from '../forecast/forecast.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import type { LoadedScenario } from '../scenario/load.ts';
import { type Problem, ScenarioError } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { askValues } from './ask-values.ts';
import { parseGoals, printGoal } from './goals.ts';
import type { KnownAxis } from './matrix.ts';
import type { CellOptions } from './measure-cell.ts';
import { presentSettings } from './present-settings.ts';
import type { Settings } from './settings.ts';
import { shorten } from './shorten.ts';
import type { TuneSpec } from './tune.ts';
import { type Choice, chooseAxes, searchAxes, TUNED_SETTINGS } from './tune-axes.ts';
import { leastBudget } from './tune-search.ts';

export interface TuneRequest {
  /** As written. */
  goals: readonly string[];
  /** Whether the axes are those of the loaded scenario's sweep. (Else: those that can matter) */
  ownAxes: boolean;
  budget: number;
  repeats: number;
  /** The share of the scenario's length that a short run has. */
  shortShare: number;
}

type Where = Pick<CellOptions, 'redis' | 'redisServer' | 'signal'>;

/**
 * What a search will do, as far as that can be known before it: goals, settings and their values, lengths.
 *
 * @throws {ScenarioError} for goals, axes and a budget that cannot be
 * @throws {ServerUnusable} when the server cannot be used
 */
export async function tuneSpecOf(
  loaded: LoadedScenario,
  request: TuneRequest,
  where: Where,
): Promise<Omit<TuneSpec, 'server'>> {
  const { budget, repeats } = request;
  if (budget < leastBudget(repeats)) {
    const message = `is too few: ${leastBudget(repeats)} are the fewest, of which ${2 * repeats} confirm what was found`;
    throw problem(`--budget ${budget}`, message);
  }
  const scenario = { ...loaded.scenario, thresholds: parseGoals(request.goals, loaded.scenario) };
  refuseIdleGoals(scenario);
  const names = request.ownAxes ? loaded.sweep!.over.map(({ setting }) => setting) : TUNED_SETTINGS;
  const present = await presentSettings(names, scenario.server, where);
  const { axes, chosen, leftOut } = request.ownAxes
    ? { axes: await knownAxes(loaded, where), chosen: [], leftOut: [] }
    : await takenAxes(chooseAxes(scenario.thresholds, present), scenario.server, where);
  if (axes.length === 0) {
    const why = leftOut.map(({ setting, why }) => `${setting}: ${why}`).join('; ');
    throw problem('--over', `is missing, and no setting is known that could matter for these goals (${why})`);
  }
  return {
    scenario,
    short: shorten(scenario, scenario.thresholds, request.shortShare),
    axes: searchAxes(axes, present),
    reasons: chosen,
    leftOut,
    budget,
    repeats,
  };
}

/** The axes that were asked for: the server must take them as they are. */
async function knownAxes({ scenario, sweep, problemAt }: LoadedScenario, where: Where): Promise<KnownAxis[]> {
  const { axes, refusals } = await askValues(sweep!.over, { settings: scenario.server, ...where });
  if (refusals.length === 0) return axes;
  throw new ScenarioError(refusals.map(({ setting, message }) => problemAt(['sweep', 'over', setting], message)));
}

/** Of the axes that were chosen, those that this server takes. */
async function takenAxes(
  choice: Choice,
  settings: Settings,
  where: Where,
): Promise<Omit<Choice, 'axes'> & { axes: KnownAxis[] }> {
  const taken: KnownAxis[] = [];
  const leftOut = [...choice.leftOut];
  for (const axis of choice.axes) {
    const reason = await refusalOf(axis, settings, where);
    if (typeof reason === 'string') leftOut.push({ setting: axis.setting, why: reason });
    else taken.push(reason);
  }
  const chosen = choice.chosen.filter(({ setting }) => taken.some((axis) => axis.setting === setting));
  return { axes: taken, chosen, leftOut };
}

async function refusalOf(axis: Choice['axes'][number], settings: Settings, where: Where): Promise<KnownAxis | string> {
  try {
    const { axes, refusals } = await askValues([axis], { settings, ...where });
    return refusals.length === 0 ? axes[0]! : refusals.map(({ message }) => message).join('; ');
  } catch (error) {
    if (error instanceof ServerUnusable) return error.message;
    throw error;
  }
}

/** A goal of a lag in a run in which no session falls due would be missed by any settings. */
function refuseIdleGoals(scenario: Scenario): void {
  const { totals, cohorts } = forecast(scenario);
  const idle = scenario.thresholds.filter(({ metric, cohort }) => {
    return metric.startsWith('expiry_lag') && (cohort === null ? totals : cohorts[cohort]!).due === 0;
  });
  if (idle.length === 0) return;
  const message = `cannot be met: no session falls due within the duration and the cutoff`;
  throw new ScenarioError(idle.map((goal) => placed(`--goal "${printGoal(goal)}"`, message)));
}

function problem(file: string, message: string): ScenarioError {
  return new ScenarioError([placed(file, message)]);
}

function placed(file: string, message: string): Problem {
  return { file, line: null, column: null, path: '', message };
}
