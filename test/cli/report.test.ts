import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderBenchmark } from '../../src/report/benchmark-json.ts';
import { runReport } from '../../src/report/html/run-report.ts';
import { sweepPage } from '../../src/report/html/sweep-page.ts';
import { renderJunit } from '../../src/report/junit.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { makeSweep, measured, resultOf } from '../experiment/make-sweep.ts';
import { makeResult } from '../report/make-result.ts';
import { cli, directory, out } from './short.ts';

const result = makeResult();
const sweep = makeSweep({ 10: [measured(0, resultOf(900))], 100: [measured(0, resultOf(90))] });
for (const [name, file, content] of [
  ['a-run', 'result.json', result],
  ['a-sweep', 'sweep.json', sweep],
  ['neither', 'result.json', { schema: 'other/1' }],
] as const) {
  mkdirSync(out(name));
  writeFileSync(join(out(name), file), JSON.stringify(content));
}

test('each format is made again from the directory or the file: to standard output', async () => {
  const of = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli('report', ...args);
    assert.equal([code, stderr], [0, '']);
    return stdout;
  };
  assert.is(await of(out('a-run')), runReport(result));
  assert.is(await of(join(out('a-run'), 'result.json'), '--format', 'junit'), renderJunit(result));
  assert.is(await of(out('a-run'), '--format', 'markdown'), renderMarkdown(result));
  assert.is(await of(out('a-run'), '--format', 'benchmark'), renderBenchmark(result));
  assert.is(await of(out('a-sweep')), sweepPage(sweep));
});

test('what --out names is written, and not put in its place: it may be a link or a device', async () => {
  const [link, file] = [join(directory, 'latest.html'), join(directory, 'kept.html')];
  writeFileSync(file, 'earlier');
  symlinkSync(file, link);
  assert.equal(await cli('report', out('a-run'), '--out', link), { code: 0, stdout: '', stderr: '' });
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.is(readFileSync(file, 'utf8'), runReport(result));
  const full = await cli('report', out('a-run'), '--out', '/dev/full');
  assert.is(full.code, 104);
  assert.match(full.stderr, /^cannot write \/dev\/full: no space left/);
});

test('what cannot be reported is named: 104', async () => {
  for (const [args, message] of [
    [[out('a-sweep'), '--format', 'junit'], /is a sweep, of which there is a report as html only/],
    [[out('neither')], /result\.json is neither a result nor a sweep .* its schema is other\/1/],
    [[directory], /there is no sweep\.json and no result\.json in /],
    [[out('nowhere')], /cannot read .*nowhere: no such file or directory/],
    [[out('a-run'), '--format', 'pdf'], /Allowed choices are html, junit, markdown, benchmark/],
  ] as const) {
    const { code, stdout, stderr } = await cli('report', ...args);
    assert.equal([code, stdout], [104, ''], stderr);
    assert.match(stderr, message);
  }
});

test.run();
