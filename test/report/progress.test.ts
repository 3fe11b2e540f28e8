import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Progress } from '../../src/report/progress.ts';
import type { ProgressStatus } from '../../src/run/progress-status.ts';

const status: ProgressStatus = {
  phase: 'measure',
  elapsedMs: 15_000,
  remainingMs: 45_000,
  planned: 20_000,
  created: 12_345,
  due: 9000,
  heard: 8512,
  stale: 488,
  lagP50Ms: 283.4,
  lagMaxMs: 1881,
};

function setUp(options: { isTTY: boolean; columns?: number; quiet?: boolean }) {
  const writes: string[] = [];
  const stream = { isTTY: options.isTTY, columns: options.columns, write: (text: string) => writes.push(text) };
  let nowMs = 0;
  const progress = new Progress(stream as unknown as NodeJS.WriteStream, {
    quiet: options.quiet ?? false,
    now: () => nowMs,
  });
  return {
    writes,
    stream,
    progress,
    at(ms: number, change: Partial<ProgressStatus> = {}) {
      nowMs = ms;
      progress.update({ ...status, ...change });
    },
  };
}

/** What a terminal of one line shows after the writes. */
function shown(writes: string[]): string {
  return writes.join('').split('\n').at(-1)!.split('\r\x1b[K').at(-1)!;
}

test('on a terminal one line is redrawn in place', () => {
  const { writes, at } = setUp({ isTTY: true, columns: 120 });
  at(0);
  at(1000, { elapsedMs: 30_000, created: 13_000 });
  assert.not(writes.join('').includes('\n'));
  assert.is(
    shown(writes),
    'measure    ████░░░░░░░░░░░░  0:45 left  13,000 created  9,000 due  488 stale  8,512 heard (p50 283 ms, max 1.88 s)',
  );
});

test('at most five redraws a second', () => {
  const { writes, at } = setUp({ isTTY: true, columns: 120 });
  for (let ms = 0; ms < 1000; ms += 10) at(ms);
  assert.is(writes.length, 5);
});

test('a change of phase is drawn at once', () => {
  const { writes, at } = setUp({ isTTY: true, columns: 120 });
  at(0);
  at(1, { phase: 'cut off' });
  assert.is(writes.length, 2);
});

test('the line never reaches the last column, also when the window shrinks', () => {
  const { writes, stream, at } = setUp({ isTTY: true, columns: 200 });
  let ms = 0;
  for (const columns of [200, 118, 117, 100, 80, 40, 10]) {
    stream.columns = columns;
    ms += 1000;
    at(ms, { created: 10_000_000, due: 10_000_000, heard: 9_999_999 });
    assert.ok(shown(writes).length < columns, `${columns}: ${shown(writes)}`);
  }
  assert.ok(shown(writes).endsWith('…'));
});

test('a terminal that does not tell its width is taken for 80 columns', () => {
  const { writes, at } = setUp({ isTTY: true, columns: 0 });
  at(0);
  assert.ok(shown(writes).startsWith('measure'));
  assert.ok(shown(writes).length < 80);
});

test('a note stays above the line in place', () => {
  const { writes, progress, at } = setUp({ isTTY: true, columns: 120 });
  at(0);
  progress.note('another client scans');
  assert.ok(writes.join('').includes('\r\x1b[Kanother client scans\n'));
  assert.ok(shown(writes).startsWith('measure'));
});

test('the end takes the line away', () => {
  const { writes, progress, at } = setUp({ isTTY: true, columns: 120 });
  at(0);
  progress.end();
  assert.is(shown(writes), '');
  progress.note('done');
  assert.is(shown(writes), '');
});

test('in a log: a line every five seconds and at each change of phase, without control characters', () => {
  const { writes, progress, at } = setUp({ isTTY: false });
  for (let ms = 0; ms <= 10_000; ms += 100) at(ms);
  assert.is(writes.length, 3);
  at(10_100, { phase: 'reconcile', remainingMs: null });
  assert.is(writes.length, 4);
  progress.note('a note');
  progress.end();
  assert.is(writes.at(-1), 'a note\n');
  for (const line of writes) assert.match(line, /^\P{Cc}+\n$/u);
});

test('a log line has the time, the phase and the counts', () => {
  const { writes, at } = setUp({ isTTY: false });
  at(0, { phase: 'fill', elapsedMs: 3000, due: 0, heard: 0, stale: 0, lagP50Ms: null, lagMaxMs: null });
  at(1);
  assert.is(writes[0], ' 0:03  fill       0:45 left  12,345 of 20,000 created\n');
  assert.is(
    writes[1],
    ' 0:15  measure    0:45 left  12,345 created  9,000 due  488 stale  8,512 heard (p50 283 ms, max 1.88 s)\n',
  );
});

test('quiet says nothing', () => {
  for (const isTTY of [true, false]) {
    const { writes, progress, at } = setUp({ isTTY, quiet: true });
    at(0);
    progress.note('a note');
    progress.end();
    assert.equal(writes, []);
  }
});

test.run();
