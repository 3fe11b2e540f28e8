import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Tally } from '../../src/ledger/tally.ts';
import { renderHgrm } from '../../src/report/hgrm.ts';
import { makeResult } from './make-result.ts';

/** What HdrHistogram's plotter takes from the text: of lines without `#` and with four columns, the first and the last. */
function plotted(text: string): { ms: number; inverse: number }[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split(/ +/))
    .filter((columns) => columns.length === 4)
    .map((columns) => ({ ms: Number.parseFloat(columns[0]!), inverse: Number.parseFloat(columns[3]!) }))
    .filter(({ ms, inverse }) => !Number.isNaN(ms) && !Number.isNaN(inverse));
}

/** 1 … 1000 ms, one in ten provoked by a command, and two that were never heard. */
function tally(): Tally {
  const tally = new Tally();
  for (let ms = 1; ms <= 1000; ms++) tally.expired(ms, ms % 10 === 0 ? 'command' : 'cycle');
  tally.stale(70_000);
  tally.lost(true);
  return tally;
}

test('the plotter reads it: lags in ms against 1 / (1 - percentile), ascending', () => {
  const points = plotted(renderHgrm(makeResult({ visitors: tally() })));
  assert.ok(points.length > 20);
  for (const [i, { ms, inverse }] of points.entries()) {
    assert.ok(i === 0 || (ms >= points[i - 1]!.ms && inverse > points[i - 1]!.inverse));
  }
  for (const [percent, inverse] of [
    [50, 2],
    [90, 10],
  ] as const) {
    const { ms } = points.find((point) => point.inverse === inverse)!;
    assert.ok(ms >= percent * 10 && ms <= percent * 10 * 1.001, `p${percent}: ${ms}`);
  }
});

test('the lags of all cohorts and causes are in it, the greatest exactly, what was not heard is told', () => {
  const more = new Tally();
  more.expired(1234.567, 'cycle');
  const text = renderHgrm(makeResult({ visitors: tally(), more }));
  assert.match(text, /^#\[Max {5}= +1234\.567, Total count {4}= +1001\]$/m);
  assert.match(text, /^#\[Expiry lag in ms; fell due = 1003, not heard and not in here = 2\]\n$/m);
});

test('of nothing heard there is nothing to plot', () => {
  assert.equal(plotted(renderHgrm(makeResult({ nobody: new Tally() }))), []);
});

test.run();
