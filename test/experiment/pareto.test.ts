import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { betterBeyondSpread, compareMedians } from '../../src/experiment/objective.ts';
import { paretoFront, TRADED, tradedIn } from '../../src/experiment/pareto.ts';
import { makeSummary } from './make-sweep.ts';

const cell = (lag: number[], cpu: number[], lost: number[] = [0, 0]) =>
  makeSummary({ lagP99Seconds: lag, serverCpuSeconds: cpu, liveLost: lost, notifiedShare: lag.map(() => 1) });

test('a cell that another beats in one objective and equals in the rest is off the front', () => {
  const cells = [
    cell([1, 1.1], [5, 6]),
    cell([2, 2.1], [5, 6]),
    cell([3, 3.1], [1, 2]),
    cell([1, 1.1], [7, 8], [3, 4]),
  ];
  assert.equal(paretoFront(cells, TRADED), [true, false, true, false]);
});

test('a difference within the spread keeps a cell on the front', () => {
  const cells = [cell([1, 2], [5, 6]), cell([1.5, 2.5], [5, 6])];
  assert.equal(paretoFront(cells, TRADED), [true, true]);
});

test('where no p99 was reached, the share that was notified decides', () => {
  const open = (notified: number[]) =>
    makeSummary({
      lagP99Seconds: [{ beyond: 30 }, { beyond: 30 }],
      notifiedShare: notified,
      serverCpuSeconds: [1, 2],
      liveLost: [0, 0],
    });
  const [much, little] = [open([0.8, 0.9]), open([0.1, 0.2])] as const;
  assert.ok(compareMedians('lag', much, little) < 0);
  assert.ok(betterBeyondSpread('lag', little, much) > 0);
  assert.equal(paretoFront([much, little], TRADED), [true, false]);
  assert.ok(compareMedians('lag', cell([40, 41], [1, 1]), much) < 0, 'reached is better than not reached');
});

test('an objective that a cell has no figure for is not traded', () => {
  const unknownCpu = makeSummary({ lagP99Seconds: [1], liveLost: [0] });
  assert.equal(tradedIn([cell([1], [1], [0]), unknownCpu]), ['lag', 'lost']);
  assert.ok(compareMedians('cpu', unknownCpu, cell([1], [1])) > 0, 'what is not known comes last');
});

const runs = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 });
const cells = fc.array(fc.tuple(runs, runs, runs), { minLength: 1, maxLength: 12 });

test('the front is never empty, and the best median of an objective stays on it unless another has the same', () => {
  fc.assert(
    fc.property(cells, (drawn) => {
      const summaries = drawn.map(([lag, cpu, lost]) => cell(lag, cpu, lost));
      const front = paretoFront(summaries, TRADED);
      assert.ok(front.includes(true));
      for (const objective of TRADED) {
        const isBest = (i: number) =>
          summaries.every((other, j) => j === i || compareMedians(objective, summaries[i]!, other) < 0);
        for (const i of summaries.keys()) if (isBest(i)) assert.ok(front[i], `${objective} of cell ${i}`);
      }
    }),
  );
});

test.run();
