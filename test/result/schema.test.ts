import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Tally } from '../../src/ledger/tally.ts';
import { resultJsonSchema, resultSchema } from '../../src/result/schema.ts';
import { makeResult } from '../report/make-result.ts';

type Tree = Record<string, unknown>;

/** Puts values at paths of a good result, and tells the paths that the schema then refuses. */
function refused(changes: Tree): string[] {
  const result = makeResult();
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop()!;
    const place = names.reduce((at, name) => at[name] as Tree, result as Tree);
    place[last] = value;
  }
  const { error } = resultSchema.safeParse(result);
  return error ? error.issues.map(({ path }) => path.join('.')) : [];
}

test('a result is plain data: written and read it is the same, and still fits', () => {
  for (const result of [makeResult(), makeResult({ nobody: new Tally() })]) {
    const read = JSON.parse(JSON.stringify(result));
    assert.equal(read, result);
    assert.equal(resultSchema.parse(read), result);
  }
});

test('a result of another version, or with an outcome missing, is refused by its place', () => {
  assert.equal(refused({ schema: 'ttlscope.result/2' }), ['schema']);
  const place = 'cohorts.visitors.outcomes.lost';
  assert.equal(refused({ [place]: undefined }), [place]);
});

test('what JSON cannot carry is refused: it would be read as null', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const changes = { 'totals.expiryLagSeconds.p99': value, 'instrument.clockErrorMs': value };
    assert.equal(refused(changes), Object.keys(changes));
  }
});

test('a quantile may be null, a count may not', () => {
  assert.equal(refused({ 'totals.expiryLagSeconds.p50': null }), []);
  for (const value of [null, -1, 0.5]) {
    assert.equal(refused({ 'totals.outcomes.stale': value }), ['totals.outcomes.stale']);
  }
});

test('the JSON Schema in the repository is the one generated from the code', () => {
  const committed = readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8');
  assert.equal(JSON.parse(committed), JSON.parse(JSON.stringify(resultJsonSchema())), 'run npm run schemas');
});

test.run();
