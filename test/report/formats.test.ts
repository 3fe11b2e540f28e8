import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderBenchmark } from '../../src/report/benchmark-json.ts';
import { renderJunit } from '../../src/report/junit.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import type { Result } from '../../src/result/schema.ts';
import { lateTally, makeResult } from './make-result.ts';

const THRESHOLDS = [
  { metric: 'expiry_lag', expression: 'p(99)<500ms', value: null, ok: false },
  { metric: 'lost', expression: 'count==0', value: 0, ok: true },
];

interface Case {
  name: string;
  failure?: { message: string };
  error?: { type: string; '#text': string };
}

function junitOf(changes: Partial<Result>): { failures: string; errors: string; tests: string; cases: Case[] } {
  const xml = renderJunit(makeResult(undefined, changes));
  assert.is(XMLValidator.validate(xml), true);
  const parsed = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => name === 'testcase',
  }).parse(xml);
  const { testsuite, ...counts } = parsed.testsuites;
  return { ...counts, cases: testsuite.testcase };
}

test('JUnit: a case a threshold and one for the verdict; what is not met is a failure', () => {
  const { failures, errors, tests, cases } = junitOf({ thresholds: THRESHOLDS });
  assert.equal([tests, failures, errors], ['3', '1', '0']);
  assert.equal(
    cases.map(({ name }) => name),
    ['verdict', 'expiry_lag p(99)<500ms', 'lost count==0'],
  );
  assert.equal(
    cases.map(({ failure }) => failure?.message),
    [undefined, 'expiry_lag p(99)<500ms: not reached', undefined],
  );
});

test('JUnit: a measurement that cannot be trusted is an error, and says why', () => {
  const reasons = ['the clock <stepped> & "so" on', 'bell \u0007 rings'];
  const { errors, cases } = junitOf({ verdict: { state: 'invalid', reasons } });
  assert.is(errors, '1');
  assert.is(cases[0]!.error!.type, 'invalid');
  assert.match(cases[0]!.error!['#text'], 'the clock <stepped> & "so" on');
  assert.match(cases[0]!.error!['#text'], 'bell \ufffd rings', 'what XML has no place for is replaced');
});

test('Markdown: what matters, with names taken as names', () => {
  const text = renderMarkdown(makeResult({ '<script>|`x`': lateTally() }, { thresholds: THRESHOLDS }));
  assert.match(text, /^## ttlscope: made\n/);
  assert.match(text, 'Half of the sessions that fell due were told of more than');
  assert.match(text, 'Verdict: ✅ valid');
  assert.match(text, '| \\<script\\>\\|\\`x\\` | 1,000 | 588 | 412 |');
  assert.match(text, '| expiry\\_lag p(99)\\<500ms | not reached | ❌ |');
  const command = "ttlscope run '```'";
  const fenced = renderMarkdown(makeResult({ 'a&lt;@b': lateTally() }, { command }));
  assert.ok(fenced.includes(`\n\`\`\`\`sh\n${command}\n\`\`\`\`\n`), fenced);
  assert.match(fenced, '| a\\&lt;\\@b |');
  assert.match(renderMarkdown(makeResult(undefined, { verdict: { state: 'invalid', reasons: ['a gap'] } })), '- a gap');
});

test('for github-action-benchmark: figures of which less is better, and none of a run that is not valid', () => {
  const entries = JSON.parse(renderBenchmark(makeResult())) as {
    name: string;
    unit: string;
    value: number;
    extra?: string;
  }[];
  for (const { name, unit, value } of entries)
    assert.equal([typeof name, typeof unit, typeof value], ['string', 'string', 'number']);
  const find = (name: string) => entries.find((entry) => entry.name === `made: ${name}`)!;
  assert.is(find('stale at the cut-off').value, 412);
  assert.equal(find('expiry lag p99'), {
    name: 'made: expiry lag p99',
    unit: 's',
    value: 30,
    extra: 'not reached: greater than this',
  });
  assert.is(find('expiry lag p50').extra, undefined);
  assert.is(renderBenchmark(makeResult(undefined, { verdict: { state: 'invalid', reasons: [] } })), '[]\n');
});

test.run();
