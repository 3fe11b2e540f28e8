import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scenarioDocs } from '../../scripts/scenario-docs.ts';
import { forecast } from '../../src/forecast/forecast.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { scenarioJsonSchema } from '../../src/scenario/written.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the committed JSON Schema is current', () => {
  const committed = JSON.parse(read('scenario.schema.json'));
  assert.equal(committed, JSON.parse(JSON.stringify(scenarioJsonSchema())), 'type: npm run schemas');
});

test('docs/scenarios.md is current', () => {
  assert.ok(read('docs/scenarios.md') === scenarioDocs(), 'type: npm run schemas');
});

for (const file of readdirSync(new URL('../../scenarios', import.meta.url))) {
  test(`scenarios/${file} is good, and sessions fall due in it, or memory does not suffice`, async () => {
    const scenario = await loadScenario(`scenarios/${file}`);
    assert.is(`${scenario.name}.yml`, file);
    const { totals } = forecast(scenario);
    assert.ok(totals.due > 0 || scenario.server.maxmemory !== undefined);
    assert.is(totals.due + totals.loggedOut + totals.alive, totals.sessions);
  });
}

test.run();
