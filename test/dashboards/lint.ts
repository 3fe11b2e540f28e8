import { type Model, type Panel, panelsOf, queryOf, type Target } from './model.ts';
import { type Selector, selectorsOf } from './promql.ts';

/** What a rule has to say: of each thing that breaks it, which. */
type Rule = (dashboard: Model) => string[];

const perPanel =
  (breaks: (panel: Panel) => boolean): Rule =>
  (dashboard) =>
    panelsOf(dashboard)
      .filter(breaks)
      .map(({ title }) => String(title));

const perTarget =
  (breaks: (target: Target) => boolean): Rule =>
  (dashboard) =>
    panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
      targets.filter(breaks).map(({ refId }) => `${title} ${refId}`),
    );

const perVariable =
  (name: string, breaks: (variable: Model['templating']['list'][number]) => boolean): Rule =>
  ({ templating }) => {
    const variable = templating.list.find((of) => of.name === name);
    return variable === undefined ? ['it is not there'] : breaks(variable) ? [name] : [];
  };

/** Of queries that are PromQL; those that are not break a rule of their own. */
const perSelector = (breaks: (selector: Selector) => boolean): Rule =>
  perTarget(({ expr }) => selectorsOf(expr)?.some(breaks) ?? false);

const isRate = (call: string | null): boolean => call === 'rate' || call === 'irate';
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
const DATASOURCES = ['$datasource', '${datasource}'];
const UNITS = /^(s|short|ops|decbytes|bytes|percentunit|none)$/;

/**
 * The rules of Grafana's dashboard linter, by its names, written anew from its documentation: the linter itself is a Go
 * program.
 */
export const RULES: Readonly<Record<string, Rule>> = {
  'template-datasource-rule': perVariable(
    'datasource',
    ({ type, label, ...variable }) =>
      type !== 'datasource' || queryOf({ type, ...variable }) !== 'prometheus' || label !== 'Data source',
  ),
  'template-job-rule': perVariable(
    'job',
    ({ type, label, multi, allValue, datasource }) =>
      type !== 'query' ||
      label !== 'Job' ||
      !multi ||
      allValue !== '.+' ||
      !DATASOURCES.includes(datasource?.uid ?? ''),
  ),
  'template-label-promql-rule': ({ templating }) =>
    templating.list
      .filter(({ type }) => type === 'query')
      .filter((variable) => !/^label_values\([a-z_]+(\{.*\})?, [a-z]+\)$/.test(queryOf(variable)))
      .map(({ name }) => name),
  'template-on-time-change-reload-rule': ({ templating }) =>
    templating.list.filter(({ type, refresh }) => type === 'query' && refresh !== 2).map(({ name }) => name),
  'panel-datasource-rule': perPanel(({ datasource }) => !DATASOURCES.includes(datasource?.uid ?? '')),
  'panel-title-description-rule': perPanel(({ title, description }) => !title || !description),
  'panel-units-rule': perPanel(({ fieldConfig }) => !UNITS.test(fieldConfig?.defaults?.unit ?? '')),
  'panel-no-targets-rule': perPanel(({ targets = [] }) => targets.length === 0),
  'target-promql-rule': perTarget(({ expr }) => selectorsOf(expr) === null),
  'target-rate-interval-rule': perSelector(({ call, range }) => isRate(call) && range !== '$__rate_interval'),
  'target-job-rule': perSelector(({ matchers }) => !matchers.includes('job=~"$job"')),
  'target-counter-agg-rule': perSelector(
    ({ metric, call }) => metric.endsWith('_total') && !isRate(call) && call !== 'increase',
  ),
  'uneditable-dashboard': ({ editable }) => (editable ? ['it can be edited'] : []),
};

const OF_EXPORTER = "redis_exporter's job is another than ttlscope's, and has no variable: its instance is chosen";

/** What may break a rule, and why. */
export const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'target-job-rule': {
    'Expired and evicted keys a second A': OF_EXPORTER,
    'Expired and evicted keys a second B': OF_EXPORTER,
    'Memory used and allowed A': OF_EXPORTER,
    'Memory used and allowed B': OF_EXPORTER,
  },
};

/** Rules of the linter that these dashboards do not follow, and why. */
export const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  'template-instance-rule': 'a run is an instance: its name tells it apart, also when it is past and has none',
  'target-instance-rule': 'likewise: the matcher is run',
};
