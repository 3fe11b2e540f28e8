import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Sample, thin } from '../../../src/report/html/thin.ts';

const values = fc.array(fc.option(fc.integer({ min: -1000, max: 1000 }), { freq: 5 }), {
  minLength: 1,
  maxLength: 300,
});

test('extremes survive, in their order, and there are few', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 20 }), (list, parts) => {
      const samples = list.map((value, at): Sample => [at, value]);
      const kept = thin(samples, parts);
      assert.ok(kept.length <= Math.max(3 * parts, 2 * parts));
      assert.ok(kept.every(([at], i) => i === 0 || at > kept[i - 1]![0]));
      assert.ok(kept.every((sample) => samples.includes(sample)));
      const known = (of: readonly Sample[]): number[] => of.flatMap(([, value]) => (value === null ? [] : [value]));
      if (known(samples).length === 0) return;
      assert.is(Math.max(...known(kept)), Math.max(...known(samples)));
      assert.is(Math.min(...known(kept)), Math.min(...known(samples)));
      if (samples.some(([, value]) => value === null))
        assert.ok(
          kept.some(([, value]) => value === null),
          'a gap stays',
        );
    }),
  );
});

test.run();
