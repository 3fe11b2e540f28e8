import { renderBenchmark } from '../report/benchmark-json.ts';
import { FileError } from '../report/file-error.ts';
import { runReport } from '../report/html/run-report.ts';
import { sweepPage } from '../report/html/sweep-page.ts';
import { renderJunit } from '../report/junit.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { writeText } from '../report/result-files.ts';
import { readMeasured } from '../report/sweep-files.ts';
import { EXIT } from './exit-codes.ts';
import { tell } from './tell.ts';

export const REPORT_FORMATS = ['html', 'junit', 'markdown', 'benchmark'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportCommandOptions {
  format: ReportFormat;
  out?: string;
}

const RENDERERS = {
  html: runReport,
  junit: renderJunit,
  markdown: renderMarkdown,
  benchmark: renderBenchmark,
} as const;

/** `ttlscope report`: what is read of a result, made again from its file. Returns the exit code. */
export async function reportCommand(path: string, { format, out }: ReportCommandOptions): Promise<number> {
  try {
    const measured = await readMeasured(path);
    if (measured.schema === 'ttlscope.sweep/1' && format !== 'html') {
      throw new FileError(path, `${path} is a sweep, of which there is a report as html only, and not as ${format}`);
    }
    const text = measured.schema === 'ttlscope.sweep/1' ? sweepPage(measured) : RENDERERS[format](measured);
    if (out === undefined) process.stdout.write(text);
    else await writeText(out, () => text);
    return EXIT.good;
  } catch (error) {
    return tell(error, new AbortController().signal);
  }
}
