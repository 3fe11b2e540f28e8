import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spreadOf } from '../../../src/experiment/spread.ts';
import { shadesOf } from '../../../src/report/html/shades.ts';

const column = (...cells: (number | { beyond: number })[][]) => cells.map(spreadOf);

test('the worse the darker, whichever way is better', () => {
  assert.equal(shadesOf(column([1, 2], [51, 52], [101, 102]), 'less'), [0, 3, 5]);
  assert.equal(shadesOf(column([1, 2], [51, 52], [101, 102]), 'more'), [5, 3, 0]);
  assert.equal(shadesOf(column([1, 2], [101, 102]), null), [0, 0]);
});

test('what is no different from the best within the spread has no shade, what is a little worse has some', () => {
  assert.equal(shadesOf(column([1, 5], [4, 9], [101, 102]), 'less'), [0, 0, 5]);
  assert.equal(shadesOf(column([1, 2], [3, 4], [101, 102]), 'less'), [0, 1, 5]);
  assert.equal(shadesOf(column([7], [7]), 'less'), [0, 0]);
});

test('what was not reached is worst, and no worse than what was not reached either', () => {
  const open = { beyond: 30 };
  assert.equal(shadesOf(column([1, 2], [open, open], [3, 4]), 'less'), [0, 5, 5]);
  assert.equal(shadesOf(column([open, open], [{ beyond: 3 }, { beyond: 3 }]), 'less'), [0, 0]);
});

test('a figure that a cell lacks has no shade', () => {
  assert.equal(shadesOf([null, ...column([1, 2], [3, 4])], 'less'), [0, 0, 5]);
});

test.run();
