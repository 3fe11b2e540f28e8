import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportOpenMetrics } from '../metrics/openmetrics-export.ts';
import { FileError, fileError } from '../report/file-error.ts';
import { readMeasured } from '../report/sweep-files.ts';
import type { Result } from '../result/schema.ts';
import { EXIT } from './exit-codes.ts';
import { tell } from './tell.ts';

export interface ExportCommandOptions {
  /** Unix ms. */
  align?: number;
  out?: string;
}

/** `ttlscope export`: results as OpenMetrics, for a Prometheus to keep. Returns the exit code. */
export async function exportCommand(paths: readonly string[], { align, out }: ExportCommandOptions): Promise<number> {
  try {
    const results: Result[] = [];
    for (const path of paths) {
      const measured = await readMeasured(path);
      if (measured.schema === 'ttlscope.result/1') results.push(measured);
      else {
        results.push(
          ...measured.cells.flatMap(({ runs }) =>
            runs.flatMap((run) => (run.state === 'measured' ? [run.result] : [])),
          ),
        );
      }
    }
    const runs = results.map(({ run }) => run);
    const twice = runs.find((run, i) => runs.indexOf(run) < i);
    if (twice !== undefined)
      throw new FileError(paths.join(' '), `run ${twice} is given twice; its samples can be there once`);
    const text = Readable.from(exportOpenMetrics(results, align ?? null));
    if (out === undefined) {
      for await (const piece of text) process.stdout.write(piece);
    } else {
      await pipeline(text, createWriteStream(out)).catch((error) => {
        throw fileError(out, error);
      });
    }
    return EXIT.good;
  } catch (error) {
    return tell(error, new AbortController().signal);
  }
}
