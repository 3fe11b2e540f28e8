import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spreadLabels } from '../../../src/report/html/spread-labels.ts';

test('labels that have room stay, the others move down, and up again from the bottom', () => {
  assert.equal(spreadLabels([10, 50, 90], 16, 200), [10, 50, 90]);
  assert.equal(spreadLabels([10, 10, 12, 90], 16, 200), [10, 26, 42, 90]);
  assert.equal(spreadLabels([100, 195, 196], 16, 200), [100, 184, 200]);
  assert.equal(spreadLabels([], 16, 200), []);
});

test.run();
