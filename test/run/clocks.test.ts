import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../src/result/schema.ts';
import { type RunOptions, run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { skipUnless } from '../skip.ts';
import { fakeClockServer, libfaketime, steppingServer } from '../support/fake-clock.ts';
import { assertLaw } from '../support/law.ts';

const HOUR_MS = 3_600_000;
const directory = mkdtempSync(join(tmpdir(), 'ttlscope-clocks-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const measure = async (options: RunOptions): Promise<Result> => {
  const cohorts = {
    idle: { sessions: 3000, ttl: '1h' },
    due: { sessions: 300, ttl: { uniform: ['500ms', '1500ms'] } },
  };
  const result = await run(parseScenario({ duration: '2s', cutoff: '3s', server: { hz: 100 }, cohorts }), options);
  assertLaw(result);
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  return result;
};

skipUnless(
  test,
  libfaketime !== undefined,
  'libfaketime is missing',
)('a server whose clock is an hour off gives the same lags', async () => {
  const right = await measure({});
  const hourOff = await measure({ redisServer: fakeClockServer(directory, '+1h') });
  const apartMs = hourOff.instrument.clockOffsetMs - right.instrument.clockOffsetMs;
  assert.ok(Math.abs(apartMs - HOUR_MS) < 60_000, `the clocks are ${apartMs} ms apart`);
  const [lag, lagHourOff] = [right, hourOff].map(({ cohorts }) => cohorts.due!.expiryLagSeconds.p50!);
  const ratio = lagHourOff! / lag!;
  assert.ok(ratio > 0.5 && ratio < 2, `p50 ${lag} s, with the clock an hour off ${lagHourOff} s`);
});

skipUnless(
  test,
  libfaketime !== undefined,
  'libfaketime is missing',
)('a step of the server’s clock makes the verdict invalid, with its size', async () => {
  const offset = join(directory, 'offset');
  writeFileSync(offset, '+0s');
  const redisServer = steppingServer(directory, offset);
  const scenario = parseScenario({ duration: '4s', cohorts: { idle: { sessions: 10, ttl: '1h' } } });
  const result = await run(scenario, {
    redisServer,
    onProgress: ({ phase }) => phase === 'measure' && writeFileSync(offset, '+5s'),
  });
  assertLaw(result);
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /the server's clock stepped by (499\d|500\d)\.\d\d ms/);
});

test.run();
