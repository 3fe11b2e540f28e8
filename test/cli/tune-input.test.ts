import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startCli } from '../support/run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-tune-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const path = join(directory, 'short.yml');
writeFileSync(
  path,
  `duration: 1s
cohorts:
  living: { sessions: 10, ttl: 1h }
  due: { sessions: 10, ttl: 100ms }
`,
);

const tune = async (...args: string[]) => startCli(['tune', path, ...args]).ended;

test('bad input: the place, the value, what is allowed', async () => {
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await tune(...args);
    assert.is(code, 104, stderr);
    return stderr;
  };
  assert.match(await refusal(), /^--goal: is missing, and short has no thresholds/);
  assert.match(
    await refusal('--goal', 'p(99)<1s'),
    /^--goal "p\(99\)<1s": names no metric; use "expiry_lag p\(99\)<500ms"/,
  );
  assert.match(await refusal('--goal', 'lost==0'), /^--over: is missing, and no setting is known that could matter/);
  assert.match(await refusal('--goal', 'stale==0', '--over', 'hertz=1,2'), /hertz is no setting of this server/);
  assert.match(await refusal('--goal', 'stale==0', '--budget', '8'), /^--budget 8: is too few: 9 are the fewest/);
  assert.match(
    await refusal('--goal', 'expiry_lag{cohort:living} p(9)<1s', '--over', 'hz=1,2'),
    /^--goal "expiry_lag\{cohort:living\} p\(9\)<1s": cannot be met: no session falls due/,
  );
  assert.match(await refusal('--goal', 'stale==0', '--redis', 'redis://127.0.0.1:1'), /^--redis: .*--allow-config/);
  assert.match(await refusal('--short', '2'), /More than 0% and at most 100%/);
});

test.run();
