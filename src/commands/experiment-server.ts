import { parseEndpoint, printEndpoint } from '../redis/endpoint.ts';
import { findServerBinary } from '../redis/server-binary.ts';
import { ScenarioError } from '../scenario/problem.ts';

/** Options that say on which server the runs of an experiment are made. */
export interface ExperimentServerOptions {
  redis?: string;
  redisServer?: string;
  allowConfig?: boolean;
}

/** The same for its runs. */
export function serverOf({ redis, redisServer, allowConfig }: ExperimentServerOptions) {
  return {
    ...(redis !== undefined && { redis, allowConfig: allowConfig ?? false }),
    ...(redisServer !== undefined && { redisServer }),
  };
}

/** The same for its file: without a password. */
export function printedServer({ redis, redisServer }: ExperimentServerOptions) {
  return redis === undefined
    ? { endpoint: null, binary: findServerBinary(redisServer) }
    : { endpoint: printEndpoint(parseEndpoint(redis)), binary: null };
}

/**
 * @param what the experiment, `a sweep`
 * @throws {ScenarioError} for a server of the user's whose settings may not be changed
 */
export function requireAllowConfig(what: string, { redis, allowConfig }: ExperimentServerOptions): void {
  if (redis === undefined || allowConfig) return;
  const message = `${what} changes settings of this server; allow it with --allow-config, or leave it out`;
  throw new ScenarioError([{ file: '--redis', line: null, column: null, path: '', message }]);
}
