import { formatWithOptions } from 'node:util';
import { AddressError } from '../metrics/endpoint.ts';
import { EndpointError } from '../redis/endpoint.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import { FileError } from '../report/file-error.ts';
import { ScenarioError } from '../scenario/problem.ts';
import { EXIT } from './exit-codes.ts';

/** Says on standard error why there is no result; returns the exit code. */
export function tell(error: unknown, { aborted, reason }: AbortSignal): number {
  const say = (text: string): boolean => process.stderr.write(`${text}\n`);
  if ([ScenarioError, EndpointError, FileError, AddressError].some((kind) => error instanceof kind)) {
    const { message } = error as Error;
    say(message);
    return EXIT.badScenario;
  }
  if (aborted) {
    say(`${reason}: ended before anything was measured`);
    return EXIT.signal;
  }
  if (error instanceof ServerUnusable) {
    say(`${error.message}\n${error.remedy}`);
    return EXIT.serverUnusable;
  }
  say(`ttlscope failed: ${formatWithOptions({}, error)}`);
  return EXIT.failed;
}
