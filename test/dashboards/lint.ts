import { type Model, type Panel, panelsOf, queryOf, type Target } from './model.ts';

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

/** What is asked of the selectors of one query: each is `name{matchers}`. */
const selectorsOf = ({ expr }: Target): string[] => expr.match(/[a-z_:]+\{[^}]*\}/g) ?? [];
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
const DATASOURCES = ['$datasource', '${datasource}'];
const UNITS = /^(s|short|ops|decbytes|bytes|percentunit|none)$/;

/**
 * The rules of Grafana's dashboard linter, by its names, written anew from its documentation: the linter itself is a Go
 * program. What needs a parser of PromQL is put to a real Prometheus by the truth test.
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
  'target-rate-interval-rule': perTarget(({ expr }) =>
    [...expr.matchAll(/\b(?:i?rate)\([^[]*\[([^\]]*)\]/g)].some(([, range]) => range !== '$__rate_interval'),
  ),
  'target-job-rule': perTarget((target) =>
    selectorsOf(target).some((selector) => selector.startsWith('ttlscope_') && !selector.includes('job=~"$job"')),
  ),
  'target-counter-agg-rule': perTarget(
    ({ expr }) =>
      [...expr.matchAll(/(\w+)\(\s*[a-z_]+_total(?:\{[^}]*\})?\[/g)].some(
        ([, call]) => !/^(i?rate|increase)$/.test(call!),
      ) || /_total(\{[^}]*\})?(?!\{|\[|\w)/.test(expr.replace(/_total\{[^}]*\}\[/g, '')),
  ),
  'uneditable-dashboard': ({ editable }) => (editable ? ['it can be edited'] : []),
};

/** Rules of the linter that these dashboards do not follow, and why. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'template-instance-rule': 'a run is an instance: its name tells it apart, also when it is past and has none',
  'target-instance-rule': 'likewise: the matcher is run',
};
