import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, measuredOf } from '../../src/experiment/compare.ts';
import { makeResult } from '../report/make-result.ts';
import { makeSweep, measured, resultOf } from './make-sweep.ts';

test('two results are one pair, and what differs beside the figures is told by its path', () => {
  const { server } = makeResult();
  const other = makeResult(undefined, {
    scenario: { name: 'made', cohorts: [{ name: 'visitors', logout: 0.1 }] },
    server: { ...server, version: '8.0.0', settings: { ...server.settings, hz: '100', maxmemory: '0' } },
  });
  const one = makeResult(undefined, { scenario: { name: 'made', cohorts: [{ name: 'visitors', logout: 0.2 }] } });
  const { differences, pairs, onlyInOne, onlyInOther } = compare(measuredOf(one), measuredOf(other));
  assert.equal(differences, [
    'cohorts.visitors.logout: 0.2 → 0.1',
    'server.version: 7.0.15 → 8.0.0',
    'server.hz: 10 → 100',
    'server.maxmemory: not there → 0',
  ]);
  assert.is(pairs.length, 1);
  assert.equal([...onlyInOne, ...onlyInOther], []);
});

test('of two sweeps the cells with the same settings are paired', () => {
  const one = makeSweep({ 10: [measured(0, resultOf(900))], 100: [measured(0, resultOf(90))] });
  const other = makeSweep({ 100: [measured(0, resultOf(80))], 500: [measured(0, resultOf(20))] });
  const { pairs, onlyInOne, onlyInOther } = compare(measuredOf(one), measuredOf(other));
  assert.equal(
    pairs.map(({ settings }) => settings),
    [{ hz: '100' }],
  );
  assert.ok(pairs[0]!.one.figures.lagP50Seconds!.median > pairs[0]!.other.figures.lagP50Seconds!.median);
  assert.equal(onlyInOne, [{ hz: '10' }]);
  assert.equal(onlyInOther, [{ hz: '500' }]);
});

test('sweeps of a single cell are compared, whatever their settings', () => {
  const [one, other] = [
    makeSweep({ 10: [measured(0, resultOf(900))] }),
    makeSweep({ 100: [measured(0, resultOf(90))] }),
  ];
  const { pairs, differences } = compare(measuredOf(one), measuredOf(other));
  assert.is(pairs.length, 1);
  assert.equal(differences, ['settings.hz: 10 → 100']);
});

test('what makes figures doubtful is told; the figures of a sweep are those of its valid runs', () => {
  const invalid = resultOf(1, 0, { verdict: { state: 'invalid', reasons: ['the clock stepped'] } });
  assert.equal(measuredOf(invalid).doubts, ['is invalid: the clock stepped']);
  const failed = { state: 'failed' as const, repeat: 1, wallSeconds: 1, message: 'gone', remedy: null };
  const sweep = makeSweep(
    { 10: [measured(0, resultOf(900)), failed], 100: [measured(0, invalid)] },
    { state: 'running' },
  );
  const { doubts, cells } = measuredOf(sweep);
  assert.equal(doubts, ['is not complete: 3 of 4 runs were made', 'has 2 runs that failed or are not valid']);
  assert.equal(
    cells.map(({ results }) => results.length),
    [1, 0],
  );
  assert.is(cells[1]!.figures.lagP50Seconds, null);
  assert.equal(measuredOf(makeSweep({ 10: [measured(0, resultOf(1))] })).doubts, []);
});

test.run();
