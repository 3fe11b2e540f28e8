import { writeFile } from 'node:fs/promises';
import { EXIT } from './exit-codes.ts';

const SCENARIO = `# What question does this scenario answer, and what is to be looked for in its result?
#
# ttlscope plan FILE prints what it will do, ttlscope run FILE does it. Every key is in docs/scenarios.md of ttlscope.
seed: 1 # the same seed, the same plan
duration: 60s # of the measurement: visitors come and go
cutoff: 30s # then nobody comes; after it every session is judged

server: # as in redis.conf; with --redis URL they are set, and put back, only with --allow-config
  hz: 10 # how often a second the server looks for keys that are due
  active-expire-effort: 1 # how hard, from 1 to 10

cohorts: # groups of sessions that arrive, live and refresh alike
  background: # there from the start, and not due before the cut-off: most of a real table is like this
    sessions: 2000
    ttl: 1h
    payload: 200 # bytes

  visitors:
    arrivals: 100/s # a Poisson process. Others: {ramp: {from: 10/s, to: 500/s}}, {spike: {base: 50/s, peak: 2000/s, at: 20s, for: 2s}}
    ttl: 10s # or drawn for each: {uniform: [5s, 15s]}, {exponential: 10s}, {preset: twitter-cluster-4}
    jitter: 10% # spreads each TTL to both sides: the remedy for herds
    payload: { uniform: [100, 500] }
    activity: # requests of a visitor: each reads the session, and refreshes it
      every: { exponential: 2s }
      for: { lognormal: { median: 15s, sigma: 0.8 } }
    refresh: touch # EXPIRE on each request. Others: rewrite (SET), getex (GETEX), none
    logout: 10% # of the visitors end their session themselves; the others just leave

thresholds: # what a good result is: the exit code is 99 when one fails
  lost: ["count==0"]
  unknown: ["count==0"]
  expiry_lag{cohort:visitors}: ["p(99)<60s"]
`;

/** `ttlscope init`: writes a scenario to start from, never over a file that is there. Returns the exit code. */
export async function initCommand(file: string): Promise<number> {
  try {
    await writeFile(file, SCENARIO, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'EEXIST' ? 'is there already; name another file' : message;
    process.stderr.write(`${file}: ${what}\n`);
    return EXIT.badScenario;
  }
  process.stdout.write(`${file} is written; see what it will do: ttlscope plan ${file}\n`);
  return EXIT.good;
}
