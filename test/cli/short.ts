import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCli } from '../support/run-cli.ts';

/** A directory of the test file's own, gone with it. */
export const directory = mkdtempSync(join(tmpdir(), 'ttlscope-cli-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

/** A scenario of a second: 250 sessions, 50 of which fall due. */
export const path = join(directory, 'short.yml');
writeFileSync(
  path,
  `duration: 1s
cohorts:
  idle: { sessions: 200, ttl: 1h }
  due: { sessions: 50, ttl: 100ms }
thresholds: { lost: ["count==0"] }
`,
);

export const out = (name: string): string => join(directory, name);
export const cli = async (...args: string[]) => startCli(args).ended;
