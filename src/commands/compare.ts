import { compare, measuredOf } from '../experiment/compare.ts';
import { renderComparison } from '../report/compare-report.ts';
import { FileError } from '../report/file-error.ts';
import { readMeasured } from '../report/sweep-files.ts';
import { EXIT } from './exit-codes.ts';
import { terminalWidth } from './terminal-width.ts';

export interface CompareCommandOptions {
  json?: boolean;
}

/** `ttlscope compare`: two results or two sweeps side by side. Returns the exit code. */
export async function compareCommand(one: string, other: string, { json }: CompareCommandOptions): Promise<number> {
  try {
    const measured = [measuredOf(await readMeasured(one)), measuredOf(await readMeasured(other))] as const;
    if (measured[0].kind !== measured[1].kind) {
      throw new FileError(
        other,
        `${one} is a ${measured[0].kind} and ${other} a ${measured[1].kind}: compare two alike`,
      );
    }
    const comparison = compare(...measured);
    const width = terminalWidth();
    const text = json ? toJson(comparison) : renderComparison(comparison, measured, [one, other], width);
    process.stdout.write(`${text}\n`);
    return measured.every(({ doubts }) => doubts.length === 0) ? EXIT.good : EXIT.invalidMeasurement;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.badScenario;
  }
}

/** Without the results, which are in the files. */
function toJson({ pairs, ...rest }: ReturnType<typeof compare>): string {
  return JSON.stringify({
    ...rest,
    pairs: pairs.map(({ settings, one, other }) => ({ settings, a: one.figures, b: other.figures })),
  });
}
