import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metricsDocs } from '../../scripts/metrics-docs.ts';

test('docs/metrics.md is current', () => {
  const committed = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  assert.ok(committed === metricsDocs(), 'type: npm run schemas');
});

test.run();
