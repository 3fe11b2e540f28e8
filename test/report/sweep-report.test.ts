import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, measuredOf } from '../../src/experiment/compare.ts';
import type { ObjectiveName } from '../../src/experiment/objective.ts';
import type { Sweep } from '../../src/experiment/sweep-file.ts';
import { renderComparison } from '../../src/report/compare-report.ts';
import { renderSweep } from '../../src/report/sweep-report.ts';
import { makeSweep, measured, resultOf } from '../experiment/make-sweep.ts';

const three = (lagMs: number, stale = 0) => [0, 1, 2].map((i) => measured(i, resultOf(lagMs * (1 + i / 100), stale)));

/** The lines of it, and the cells in the order of the rows of the first block. */
function rendered(sweep: Sweep, sortedBy: ObjectiveName = 'lag', width = 80) {
  const text = renderSweep(sweep, { sortedBy, width });
  const lines = text.split('\n');
  const head = lines.findIndex((line) => line.startsWith('  cell'));
  const rows = lines.slice(head + 1, lines.indexOf('', head));
  return { text, lines, rows, cells: rows.map((row) => /^[* ] (\S+)/.exec(row)![1]) };
}

test('the best by the objective comes first, what was not reached last; all within the width', () => {
  const sweep = makeSweep({ 1: three(4000, 60), 10: three(2000), 100: three(900) });
  const { lines, cells, rows, text } = rendered(sweep);
  assert.equal(cells, ['100', '10', '1']);
  assert.match(rows[2]!, /> 30 s/);
  assert.match(rows[0]!, / 910 ms +900 – 920 ms /);
  assert.ok(
    lines.every((line) => line.length <= 80),
    text,
  );
  assert.match(text, /made: 3 cells, 3 runs each, 9 of 9 valid; redis 7\.0\.15, embedded/);
  assert.match(text, /A cell is hz\. Sorted by lag p99\./);
});

test('rows alike the first within the spread are marked, and those on the front', () => {
  const sweep = makeSweep({ 10: three(900), 20: three(910), 100: three(3000) });
  const { rows } = rendered(sweep, 'median');
  assert.match(rows[1]!, /≈ 920 ms/);
  assert.not.match(rows[0]!, /≈/);
  assert.not.match(rows[2]!, /≈ 3\.\d+ s/);
  assert.equal(
    rows.map((row) => row.startsWith('*')),
    [true, true, false],
  );
});

test('one run a cell has no spread, and says so instead of marking', () => {
  const { text } = rendered(makeSweep({ 10: [measured(0, resultOf(90))], 100: [measured(0, resultOf(90))] }));
  assert.not.match(text, /≈/);
  assert.match(text, /no spread is known/);
});

test('the odds are those of the cell with the fewest valid runs, and a single run within the range of others is alike', () => {
  const two = rendered(makeSweep({ 10: three(900), 100: three(3000).slice(0, 2) })).text.replace(/\s+/g, ' ');
  assert.match(two, /apart once in 3 by chance/);
  const { rows, text } = rendered(makeSweep({ 10: three(900), 100: [measured(0, resultOf(909))] }), 'median');
  assert.match(rows[1]!, /≈ 910 ms/);
  assert.match(text.replace(/\s+/g, ' '), /where a cell has one run, any difference may be chance/);
});

test('runs that failed or are invalid are told, and not counted', () => {
  const invalid = resultOf(1, 0, { verdict: { state: 'invalid', reasons: ['the clock stepped'] } });
  const failed = [0, 1, 2].map((repeat) => ({
    state: 'failed' as const,
    repeat,
    wallSeconds: 0,
    message: 'it ended',
    remedy: 'see its log',
  }));
  const sweep = makeSweep({ 10: [...three(90).slice(0, 2), measured(2, invalid)], 100: failed });
  const { text, cells } = rendered(sweep);
  assert.equal(cells, ['10']);
  const told = text.replace(/\s+/g, ' ');
  assert.match(told, /2 of 6 valid/);
  assert.match(told, /- 10: a run is invalid, its figures are not counted: the clock stepped/);
  assert.match(told, /- 100: 3 times: a run failed: it ended \(see its log\)/);
  const none = renderSweep(makeSweep({ 100: failed }), { sortedBy: 'lag', width: 80 });
  assert.match(none, /No run was valid/);
});

test('a value that the server changed is told', () => {
  const { text } = rendered(makeSweep({ 700: three(90), 10: three(91) }));
  assert.match(text, /- 700: the server made 10 of hz 700/);
  assert.not.match(text, /- 10:/);
});

test('an interrupted sweep says how far it came', () => {
  const sweep = makeSweep({ 10: three(90), 100: three(900).slice(0, 1) }, { state: 'aborted' });
  assert.match(rendered(sweep).text.replace(/\s+/g, ' '), /4 of 6 valid; ABORTED: 4 made/);
});

test('a comparison marks what is within the spread, and says which is better', () => {
  const [one, other] = [makeSweep({ 10: three(90, 3) }), makeSweep({ 10: three(9000, 3) })].map(measuredOf) as [
    ReturnType<typeof measuredOf>,
    ReturnType<typeof measuredOf>,
  ];
  const text = renderComparison(compare(one, other), [one, other], ['before', 'after'], 80);
  assert.match(text, /^A: before\nB: after\n/);
  assert.match(text, /lag p50 .*\+\d+% worse/);
  assert.match(text, /stale .* 3 +3 +≈/);
  assert.match(text, /within the spread/);
  assert.ok(
    text.split('\n').every((line) => line.length <= 80),
    text,
  );
});

test('single results have no spread, and that is said', () => {
  const [one, other] = [measuredOf(resultOf(90)), measuredOf(resultOf(9000, 50))];
  const text = renderComparison(compare(one, other), [one, other], ['a', 'b'], 80);
  assert.match(text, /One run each: no spread is known/);
  assert.match(text, /lag p99 +\d+ ms +> 30 s +worse/);
  assert.not.match(text, /≈/);
});

test('two single runs that did not reach a quantile, and one within the range of others, are not said to be equal', () => {
  const compared = (a: ReturnType<typeof measuredOf>, b: ReturnType<typeof measuredOf>) =>
    renderComparison(compare(a, b), [a, b], ['a', 'b'], 80);
  const open = compared(measuredOf(resultOf(90, 50)), measuredOf(resultOf(90, 60)));
  assert.match(open, /lag p99 +> 30 s +> 30 s +-/);
  assert.match(open, /lag p50 .* =/);
  const single = compared(
    measuredOf(makeSweep({ 10: three(900) })),
    measuredOf(makeSweep({ 10: [measured(0, resultOf(915))] })),
  );
  assert.match(single, /lag p50 .* ≈/);
  assert.match(single.replace(/\s+/g, ' '), /where a cell has one run/);
});

test.run();
