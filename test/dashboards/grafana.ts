import * as assert from 'uvu/assert';
import type { QueriedSeries, TestPrometheus } from '../support/prometheus.ts';
import { type Model, panelsOf, queryOf } from './model.ts';

/** The time that a dashboard shows, Unix s, of a data source that is scraped each `intervalSeconds`. */
export interface Shown {
  from: number;
  to: number;
  intervalSeconds: number;
}

type Values = ReadonlyMap<string, string>;

/** As Grafana fills in one value of a variable that can have many, for a regular expression in a text of PromQL. */
const escaped = (value: string): string => value.replaceAll('\\', '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');

const oneOf = (values: readonly string[]): string =>
  values.length === 1 ? escaped(values[0]!) : `(${values.map(escaped).join('|')})`;

function fill(text: string, values: Values, { from, to, intervalSeconds }: Shown): string {
  const interpolated = text
    // As Grafana works it out where a step is a scrape: four scrapes.
    .replaceAll('$__rate_interval', `${4 * intervalSeconds}s`)
    .replaceAll('$__interval', `${intervalSeconds}s`)
    .replaceAll('$__range', `${to - from}s`);
  return interpolated.replace(/\$(\w+)/g, (_, name: string) => {
    const value = values.get(name);
    assert.ok(value !== undefined, `$${name} is no variable: ${text}`);
    return value;
  });
}

/** The values that each variable offers, those before it chosen. */
async function valuesOf(prometheus: TestPrometheus, model: Model, shown: Shown): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>([['datasource', ['prometheus']]]);
  for (const variable of model.templating.list.filter(({ type }) => type === 'query')) {
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(queryOf(variable))!;
    const chosen = new Map([...found].map(([name, values]) => [name, oneOf(values)]));
    const values = (await prometheus.api(`label/${label}/values`, {
      'match[]': fill(selector!, chosen, shown),
      start: String(shown.from),
      end: String(shown.to),
    })) as string[];
    assert.ok(values.length > 0, `${model.title}: the variable ${variable.name} has no value`);
    found.set(variable.name, values);
  }
  return found;
}

/** Each query of a dashboard, named by its panel and letter, or by its annotation. */
export function queriesOf({ panels, annotations }: Model): { name: string; expr: string; isInstant: boolean }[] {
  return [
    ...panelsOf({ panels }).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr, instant }) => ({ name: `${title} ${refId}`, expr, isInstant: instant === true })),
    ),
    ...annotations.list.flatMap(({ name, expr }) => (expr === undefined ? [] : [{ name, expr, isInstant: false }])),
  ];
}

/** What Prometheus has to say to a query as it was put. */
interface Answer {
  name: string;
  query: string;
  found: QueriedSeries[] | Error;
}

/** Puts each query of a dashboard to Prometheus, with "All" chosen in each variable, and with each value chosen. */
export async function* answersOf(prometheus: TestPrometheus, model: Model, shown: Shown): AsyncGenerator<Answer> {
  const { from, to, intervalSeconds } = shown;
  const offered = await valuesOf(prometheus, model, shown);
  const all = new Map([...offered.keys()].map((name) => [name, '.+']));
  const each = new Map([...offered].map(([name, values]) => [name, oneOf(values)]));
  for (const { name, expr, isInstant } of queriesOf(model)) {
    for (const values of [all, each]) {
      const query = fill(expr, values, shown);
      const asked = isInstant
        ? prometheus.api('query', { query, time: String(to) })
        : prometheus.api('query_range', { query, start: String(from), end: String(to), step: String(intervalSeconds) });
      const found = await asked.then(
        (data) => (data as { result: QueriedSeries[] }).result,
        (error: Error) => error,
      );
      yield { name, query, found };
    }
  }
}

const hasValue = ({ value, values = value ? [value] : [] }: QueriedSeries): boolean =>
  values.some(([, of]) => of !== 'NaN');

/** Queries of a dashboard that Prometheus does not understand or has no answer to, by name, with what is wrong. */
export async function unanswered(prometheus: TestPrometheus, model: Model, shown: Shown): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  for await (const { name, query, found } of answersOf(prometheus, model, shown)) {
    if (found instanceof Error) failures.set(name, `${found.message}: ${query}`);
    else if (!found.some(hasValue)) failures.set(name, query);
  }
  return failures;
}
