import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Endpoint } from '../../src/redis/endpoint.ts';

/** Of redis-benchmark, as in `-P 64 -c 8`. */
const PIPELINE = 64;
const CLIENTS = 8;
/** Wider than any number of keys here, so that nearly all are distinct. */
const KEYS = 2_000_000_000;

export interface Timed {
  /** Of all of it. */
  seconds: number;
  cpuSeconds: number;
}

/**
 * Times redis-benchmark sending one command so many times; `__rand_int__` in it is a random number of 12 digits below `keys`.
 * Its processor time includes its start and its end, some milliseconds. The time is its own, from the first request on.
 */
export async function redisBenchmark(
  { port }: Endpoint,
  count: number,
  args: readonly string[],
  keys = KEYS,
): Promise<Timed> {
  const options = ['-p', String(port), '-P', String(PIPELINE), '-c', String(CLIENTS), '-n', String(count)];
  const command = ['redis-benchmark', ...options, '-r', String(keys), '--csv', ...args];
  const script = `TIMEFORMAT='%U %S'; time "$@"`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script, 'bash', ...command], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const perSecond = Number(/","(\d+\.\d+)"/.exec(stdout)?.[1]);
  const [user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  if (!(perSecond > 0)) throw new Error(`redis-benchmark said: ${stdout}${stderr}`);
  return { seconds: count / perSecond, cpuSeconds: user! + system! };
}
