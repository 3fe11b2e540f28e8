import { totalmem } from 'node:os';
import { forecast } from '../forecast/forecast.ts';
import { warningsOf } from '../forecast/warnings.ts';
import { renderPlan } from '../report/plan-report.ts';
import { loadScenario, ScenarioError } from '../scenario/load.ts';
import { EXIT } from './exit-codes.ts';

export interface PlanCommandOptions {
  set: string[];
  server: string[];
  seed?: number;
  json?: boolean;
}

/** `ttlscope plan`: what a run would do, without a server. Returns the exit code. */
export async function planCommand(path: string, { json, ...options }: PlanCommandOptions): Promise<number> {
  try {
    const scenario = await loadScenario(path, options);
    const planned = forecast(scenario);
    const warnings = warningsOf(scenario, planned, totalmem());
    const text = json ? JSON.stringify({ ...planned, warnings }) : renderPlan(planned, warnings);
    process.stdout.write(`${text}\n`);
    return EXIT.good;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.badScenario;
  }
}
