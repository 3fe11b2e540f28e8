import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forecast } from '../../src/forecast/forecast.ts';
import { renderPlan } from '../../src/report/plan-report.ts';
import { sparkline } from '../../src/report/sparkline.ts';
import { parseScenario } from '../../src/scenario/load.ts';

test('a sparkline shows the least that is more than nothing, and the most', () => {
  assert.is(sparkline([0, 1, 500, 1000]), ' ▁▅█');
  assert.is(sparkline([0, 0]), '  ');
});

test('a plan tells cohorts, approximations, memory and warnings, within 80 columns', () => {
  const visitors = {
    arrivals: '100/s',
    ttl: '3s',
    activity: { every: '1s', for: '4s' },
    refresh: 'touch',
    logout: '20%',
  };
  const scenario = parseScenario({
    duration: '20s',
    cutoff: '2500ms',
    cohorts: { returning: { sessions: 1000, ttl: '1h' }, visitors },
  });
  const text = renderPlan(forecast(scenario), ['something cannot work']);
  assert.match(text, /^scenario: 20 s of measurement, the cut-off 2\.5 s after; seed 1\n/);
  assert.match(text, /^cohort +sessions +arrive\/s +requests +requests\/s +fall due +log out +live on$/m);
  assert.match(text, /^returning +1,000 +- +- +- +- +- +1,000$/m);
  assert.match(text, /All visits were simulated/);
  assert.match(text, /^visitors +│ +[▁-█].*│ [\d,]+, \d+\/s$/m);
  assert.match(text, /^Warnings\n- something cannot work$/m);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

test.run();
