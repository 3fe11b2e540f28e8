import type { Result } from '../result/schema.ts';
import { finding } from './finding.ts';
import { markup } from './html/markup.ts';
import { shownThreshold } from './shown-threshold.ts';

/** XML 1.0 has no place for these, not even as references. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * JUnit XML, as CI systems read it: a test case a threshold, and one for the verdict. A threshold that is not met is a
 * failure; a measurement that cannot be trusted is an error.
 */
export function renderJunit(result: Result): string {
  const { scenario, thresholds, verdict, startedAt, phases } = result;
  const suite = `ttlscope ${String(scenario.name)}`;
  const seconds = Object.values(phases).reduce((sum, phase) => sum + phase, 0);
  const failures = thresholds.filter(({ ok }) => !ok).length;
  const errors = verdict.state === 'valid' ? 0 : 1;
  const reasons = verdict.reasons.join('\n');
  const cases = [
    verdict.state === 'valid'
      ? markup`  <testcase classname="${suite}" name="verdict" time="${seconds.toFixed(3)}"/>`
      : markup`  <testcase classname="${suite}" name="verdict" time="${seconds.toFixed(3)}"><error type="${verdict.state}" message="${verdict.state}">${reasons}</error></testcase>`,
    ...thresholds.map((threshold) => {
      const { metric, expression, ok } = threshold;
      const name = `${metric} ${expression}`;
      const shown = shownThreshold(threshold, result);
      return ok
        ? markup`  <testcase classname="${suite}" name="${name}" time="0"><system-out>${shown}</system-out></testcase>`
        : markup`  <testcase classname="${suite}" name="${name}" time="0"><failure type="threshold" message="${`${name}: ${shown}`}">${finding(result)}</failure></testcase>`;
    }),
  ];
  const xml = markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ttlscope" tests="${cases.length}" failures="${failures}" errors="${errors}" time="${seconds.toFixed(3)}">
<testsuite name="${suite}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0" timestamp="${startedAt.replace(/\..*/, '')}" time="${seconds.toFixed(3)}">
${cases.map((testcase) => markup`${testcase}\n`)}</testsuite>
</testsuites>
`;
  return xml.text.replace(NO_XML, '\ufffd');
}
