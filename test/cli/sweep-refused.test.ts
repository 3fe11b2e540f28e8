import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startCli } from '../support/run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-cli-sweep-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const path = join(directory, 'short.yml');
writeFileSync(path, 'duration: 500ms\ncutoff: 200ms\ncohorts: { due: { arrivals: 100/s, ttl: 100ms } }\n');

const out = (name: string): string => join(directory, name);
const cli = async (...args: string[]) => startCli(args).ended;

test('bad input: 104, with its place and the server’s words', async () => {
  const wrong = async (expected: RegExp, ...args: string[]): Promise<void> => {
    const { code, stderr } = await cli('sweep', path, '--quiet', '--out', out('none'), ...args);
    assert.is(code, 104, stderr);
    assert.match(stderr, expected);
    assert.not.match(stderr, /\n\s+at /);
  };
  await wrong(/^--over hzz=1 sweep\.over\.hzz: hzz is no setting of this server/, '--over', 'hzz=1');
  await wrong(/active-expire-effort: 11 is refused: argument must be between 1/, '--over', 'active-expire-effort=11');
  await wrong(/^--over hz= sweep\.over\.hz: "" names no value/, '--over', 'hz=');
  await wrong(/makes 10,000 cells, 30,000 runs .*at most 15,000/, '--over', 'hz=1..10000', '--repeats', '3');
  await wrong(
    /makes 10,000 cells, 10,000 runs of 0:01: at least 1:56:40 .*--yes/,
    '--over',
    'hz=1..10000',
    '--repeats',
    '1',
  );
  // Before any server is asked: each value of what only a start can set takes one of its own.
  const unasked = ['--redis-server', out('none'), '--repeats', '1'];
  await wrong(/makes 10,000 cells/, '--over', 'tcp-backlog=1..10000', ...unasked);
  await wrong(/allow it with --allow-config/, '--over', 'hz=10', '--redis', 'redis://127.0.0.1:1');
  await wrong(/Allowed choices are lag, median/, '--sort', 'best');
  assert.not(existsSync(out('none')));

  const nowhere = await cli('sweep', path, '--over', 'hz=10', '--resume', out('nowhere'));
  assert.is(nowhere.code, 104);
  assert.match(nowhere.stderr, /cannot read .*nowhere: no such file/);
  const { code, stderr } = await cli('sweep', path);
  assert.is(code, 104);
  assert.match(stderr, /no setting is named, and so there is nothing to sweep; use --over/);
});

test('files that cannot be compared: 104, by name', async () => {
  const wrong = async (expected: RegExp, ...args: string[]): Promise<void> => {
    const { code, stderr } = await cli('compare', ...args);
    assert.is(code, 104);
    assert.match(stderr, expected);
  };
  writeFileSync(out('text.json'), 'hello');
  writeFileSync(out('other.json'), '{"schema": "ttlscope.sweep/2"}');
  writeFileSync(out('damaged.json'), '{"schema": "ttlscope.sweep/1"}');
  await wrong(/cannot read .*nowhere: no such file/, out('nowhere'), out('text.json'));
  await wrong(/text\.json is not JSON/, out('text.json'), out('text.json'));
  await wrong(/its schema is ttlscope\.sweep\/2/, out('other.json'), out('other.json'));
  await wrong(/damaged\.json is not as this version writes it: state/, out('damaged.json'), out('damaged.json'));
  await wrong(/there is no sweep\.json and no result\.json in/, tmpdir(), tmpdir());
});

test.run();
