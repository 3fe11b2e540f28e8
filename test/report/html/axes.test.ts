import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lagTick, lagTicks } from '../../../src/report/html/lag-ticks.ts';
import { timeAxis } from '../../../src/report/html/time-axis.ts';
import { makeResult } from '../make-result.ts';

const timesOf = (atSeconds: number[]): string[] => {
  const result = makeResult();
  const { format, ticks } = timeAxis({ ...result, series: { ...result.series, atSeconds } });
  return ticks.map(format);
};

test('time has its lines at parts of a clock, from seconds to days', () => {
  assert.equal(timesOf([0, 40.2]), ['0:00', '0:10', '0:20', '0:30', '0:40']);
  assert.equal(timesOf([0.4, 90]), ['0:15', '0:30', '0:45', '1:00', '1:15', '1:30']);
  assert.equal(timesOf([0, 3601]), ['0:00', '15:00', '30:00', '45:00', '1:00:00']);
  assert.ok(timesOf([0, 864_000]).length <= 11);
});

test('a run that was over at once has an axis', () => {
  assert.equal(timesOf([]), ['0:00', '0:01']);
  assert.equal(timesOf([0]), ['0:00', '0:01']);
});

test('lags have theirs at powers of ten, or closer where they are close; each is exact as it is printed', () => {
  assert.equal(lagTicks(0.001, 90).map(lagTick), ['1 ms', '10 ms', '100 ms', '1 s', '10 s', '60 s']);
  assert.equal(lagTicks(0.04, 1.2).map(lagTick), ['50 ms', '100 ms', '200 ms', '500 ms', '1 s']);
  assert.equal([0, 0.0005, 2.5, 600, 800, 3600].map(lagTick), ['0', '0.5 ms', '2.5 s', '10 min', '800 s', '60 min']);
});

test.run();
