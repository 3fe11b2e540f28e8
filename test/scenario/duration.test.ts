import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { durationMs } from '../../src/scenario/duration.ts';
import { sizeBytes } from '../../src/scenario/size.ts';

test('durations are a number and a unit', () => {
  const cases = {
    '250ms': 250,
    '30s': 30_000,
    '5m': 300_000,
    '1h': 3_600_000,
    '2d': 172_800_000,
    '1.5s': 1_500,
    '0s': 0,
  };
  for (const [text, ms] of Object.entries(cases)) assert.is(durationMs(text), ms, text);
});

test('what is none is told from what is', () => {
  for (const text of ['', '5', 's', '5 s', '-5s', '5parsecs', '1h30m', '.5s', '1e3s', '5S'])
    assert.is(durationMs(text), null, text);
});

test('sizes are bytes, decimal or binary', () => {
  assert.equal(
    [200, '200', '2kB', '1KiB', '1.5 MB', '1MiB'].map(sizeBytes),
    [200, 200, 2000, 1024, 1_500_000, 1_048_576],
  );
  assert.equal(['2 sheep', '-1', 'kB'].map(sizeBytes), [null, null, null]);
});

test.run();
