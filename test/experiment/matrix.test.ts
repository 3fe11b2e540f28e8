import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellsOf, countCells } from '../../src/experiment/matrix.ts';
import { orderOf } from '../../src/experiment/order.ts';

test('every combination of the values is a cell, once', () => {
  const axes = [
    { setting: 'hz', values: ['10', '100'] },
    { setting: 'active-expire-effort', values: ['1', '5', '10'] },
  ];
  const cells = cellsOf(axes);
  assert.is(cells.length, countCells(axes));
  assert.equal(cells[1], { hz: '10', 'active-expire-effort': '5' });
  assert.is(new Set(cells.map((cell) => JSON.stringify(cell))).size, 6);
});

test('no axis, and one without values, make no cell', () => {
  assert.equal(cellsOf([]), []);
  assert.equal(cellsOf([{ setting: 'hz', values: [] }]), []);
  assert.is(countCells([]), 0);
});

const sizes = { cells: fc.integer({ min: 1, max: 40 }), repeats: fc.integer({ min: 1, max: 6 }), seed: fc.nat() };

test('each repeat holds every cell once, before the next one begins', () => {
  fc.assert(
    fc.property(sizes.cells, sizes.repeats, sizes.seed, (cells, repeats, seed) => {
      const order = orderOf(cells, repeats, seed);
      for (let repeat = 0; repeat < repeats; repeat++) {
        const block = order.slice(repeat * cells, (repeat + 1) * cells);
        assert.ok(block.every((turn) => turn.repeat === repeat));
        assert.equal(
          block.map(({ cell }) => cell).sort((a, b) => a - b),
          Array.from({ length: cells }, (_, cell) => cell),
        );
      }
      assert.is(order.length, cells * repeats);
    }),
  );
});

test('the seed decides the order; repeats and seeds have orders of their own', () => {
  const [order, again, other] = [orderOf(20, 2, 1), orderOf(20, 2, 1), orderOf(20, 2, 2)];
  assert.equal(order, again);
  assert.not.equal(order, other);
  const cells = (from: number) => order.slice(from, from + 20).map(({ cell }) => cell);
  assert.not.equal(cells(0), cells(20));
});

test('no cell has a place of its own: over many seeds each is first about as often', () => {
  const first = [0, 0, 0, 0];
  for (let seed = 0; seed < 4000; seed++) first[orderOf(4, 1, seed)[0]!.cell]!++;
  for (const times of first) assert.ok(times > 850 && times < 1150, String(first));
});

test.run();
