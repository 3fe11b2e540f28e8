import { loadScenario, ScenarioError } from '../scenario/load.ts';
import { EXIT } from './exit-codes.ts';

/** `ttlscope validate`: checks scenario files and runs nothing. Returns the exit code. */
export async function validate(
  files: readonly string[],
  options: { set: readonly string[]; server: readonly string[] },
): Promise<number> {
  let code: number = EXIT.good;
  for (const file of files) {
    try {
      await loadScenario(file, options);
      process.stdout.write(`${file}: good\n`);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      process.stderr.write(`${error.message}\n`);
      code = EXIT.badScenario;
    }
  }
  return code;
}
