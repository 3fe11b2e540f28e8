import { examine } from '../doctor/examination.ts';
import { renderReport } from '../doctor/render.ts';
import { type DoctorReport, diagnose } from '../doctor/report.ts';
import { RULES } from '../doctor/rules/index.ts';
import { parseEndpoint } from '../redis/endpoint.ts';
import { EXIT } from './exit-codes.ts';
import { tell } from './tell.ts';

export interface DoctorCommandOptions {
  redis: string;
  /** Between the two looks, ms. */
  watch: number;
  json?: boolean;
}

/** `ttlscope doctor`: what of a server's state and settings harms sessions. Returns the exit code. */
export async function doctorCommand({ redis, watch, json }: DoctorCommandOptions): Promise<number> {
  const interrupt = new AbortController();
  const abort = (signal: NodeJS.Signals) => interrupt.abort(signal);
  process.once('SIGINT', abort).once('SIGTERM', abort);
  try {
    const facts = await examine(parseEndpoint(redis), { watchMs: watch, signal: interrupt.signal });
    const report = diagnose(facts, RULES);
    process.stdout.write(`${json ? JSON.stringify(report) : renderReport(report)}\n`);
    return exitCode(report);
  } catch (error) {
    return tell(error, interrupt.signal);
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}

/** What could not be examined may be ill: it is no better than a warning. */
function exitCode({ findings, notExamined }: DoctorReport): number {
  const severities = findings.map(({ severity }) => severity);
  if (severities.includes('error')) return EXIT.errorsFound;
  return severities.includes('warning') || notExamined.length > 0 ? EXIT.warningsFound : EXIT.good;
}
