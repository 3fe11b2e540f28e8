import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GAUGES, History } from '../../src/metrics/history.ts';
import type { LivePoint } from '../../src/metrics/live-point.ts';

const CAPACITY = 8;

const maybe = (of: fc.Arbitrary<number>) => fc.option(of, { freq: 4 });
const value = fc.integer({ min: 0, max: 1_000 });
const step = fc.record({
  due: fc.nat(50),
  heard: fc.nat(50),
  live: value,
  stale: value,
  oldestStaleSeconds: value,
  staleBytes: maybe(value),
  usedMemoryBytes: maybe(value),
  lagP50Seconds: maybe(value),
  lagP99Seconds: maybe(value),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A second each; counts grow by the step's. */
function pointsOf(steps: readonly Step[]): LivePoint[] {
  let [due, heard] = [0, 0];
  return steps.map((at, i) => {
    due += at.due;
    heard += at.heard;
    return {
      ...at,
      atSeconds: i,
      created: i,
      due,
      heard,
      lagP90Seconds: null,
      evictedEarly: 0,
      evictedStale: 0,
      maxmemoryBytes: 0,
      lagCounts: [heard, 0],
    };
  });
}

function historyOf(points: readonly LivePoint[], capacity = CAPACITY): History {
  const history = new History(capacity);
  for (const point of points) history.add(point);
  return history;
}

const known = (values: readonly (number | null)[]): number[] => values.filter((of) => of !== null);

test('the greatest and the least of all survive, however long it lasts, in bounded memory', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
      const points = pointsOf(steps);
      const { rows } = historyOf(points);
      assert.ok(rows.length <= CAPACITY);
      for (const gauge of ['live', 'stale', 'oldestStaleSeconds', 'staleBytes', 'usedMemoryBytes'] as const) {
        const all = known(points.map((point) => point[gauge]));
        const highs = known(rows.map(({ gauges }) => gauges[gauge].high));
        const lows = known(rows.map(({ gauges }) => gauges[gauge].low));
        assert.equal([Math.max(...highs), Math.min(...lows)], [Math.max(...all), Math.min(...all)], gauge);
      }
      const rates = points.map(({ due }, i) => (i === 0 ? 0 : due - points[i - 1]!.due));
      assert.is(Math.max(...rows.map(({ gauges }) => gauges.duePerSecond.high!)), Math.max(...rates));
    }),
  );
});

test('a lag that was once not reached is told as not reached, beside the least that was', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
      const points = pointsOf(steps);
      const { rows, pointsPerRow } = historyOf(points);
      for (const [i, { gauges }] of rows.entries()) {
        const within = points.slice(i * pointsPerRow, (i + 1) * pointsPerRow).map(({ lagP50Seconds }) => lagP50Seconds);
        const { low, high } = gauges.lagP50Seconds;
        assert.is(high, within.includes(null) ? null : Math.max(...known(within)));
        assert.is(low, known(within).length === 0 ? null : Math.min(...known(within)));
      }
    }),
  );
});

test('counts are exact at the end of each row, and the last row ends with the last point', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
      const points = pointsOf(steps);
      const { rows, pointsPerRow } = historyOf(points);
      for (const { atSeconds, counts, lagCounts } of rows) {
        const { due, heard } = points[atSeconds]!;
        assert.equal([counts.due, counts.heard, lagCounts], [due, heard, [heard, 0]]);
      }
      assert.is(rows.at(-1)!.atSeconds, points.length - 1);
      assert.is(rows.length, Math.ceil(points.length / pointsPerRow));
    }),
  );
});

test('when run time stands still, as from the cut-off on, rates stay, and the next one counts all since', () => {
  const points = pointsOf(new Array(4).fill({ due: 30, heard: 20 }) as never);
  const { rows } = historyOf([0, 1, 1, 2].map((atSeconds, i) => ({ ...points[i]!, atSeconds })));
  assert.equal(
    rows.map(({ gauges }) => [gauges.duePerSecond.high, gauges.heardPerSecond.high]),
    [
      [0, 0],
      [30, 20],
      [30, 20],
      [60, 40],
    ],
  );
});

test('ten hours are 1,125 rows of 32 s', () => {
  const point = pointsOf([{ ...Object.fromEntries(GAUGES.map((gauge) => [gauge, 1])), due: 1, heard: 1 } as never])[0]!;
  const history = new History();
  for (let second = 0; second < 36_000; second++) history.add({ ...point, atSeconds: second });
  assert.is(history.pointsPerRow, 32);
  assert.is(history.rows.length, 1_125);
  assert.ok(JSON.stringify(history.rows).length < 1_500_000);
});

test.run();
