import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** What every dashboard of ours is tagged with: its links lead to all that are. */
const TAG = 'ttlscope';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
export const PROMETHEUS = { type: 'prometheus', uid: '${datasource}' } as const;

/** A variable whose values are those of a label: any of them, or all. */
export function labelVariable(name: string, label: string, metric: string, about: string): QueryVariableBuilder {
  const query = `label_values(${metric}, ${name === 'redis' ? 'instance' : name})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(about)
    .datasource(PROMETHEUS)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** Matchers of each metric of ours; more may follow. */
export function of(...more: string[]): string {
  return `{${['job=~"$job"', 'run=~"$run"', ...more].join(', ')}}`;
}

export const ofCohort = (...more: string[]): string => of('cohort=~"$cohort"', ...more);
export const ofNode = (...more: string[]): string => of('node=~"$node"', ...more);

export interface Row {
  title: string;
  panels: readonly cog.Builder<Panel>[];
}

export interface DashboardOptions {
  uid: string;
  title: string;
  about: string;
  rows: readonly Row[];
  /** Beside datasource, job, run, cohort and node. */
  variables?: readonly QueryVariableBuilder[];
}

/** A dashboard in the Classic model, which file provisioning reads. */
export function dashboard({ uid, title, about, rows, variables = [] }: DashboardOptions): Dashboard {
  const builder = new DashboardBuilder(`ttlscope: ${title}`)
    .uid(uid)
    .description(about)
    .tags([TAG])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-30m', to: 'now' })
    .refresh('10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('ttlscope')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true)
        .targetBlank(false),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(labelVariable('job', 'Job', 'ttlscope_run_info', 'Of the scrape configuration'))
    .withVariable(labelVariable('run', 'Run', 'ttlscope_run_info{job=~"$job"}', 'The name of the run'))
    .withVariable(
      labelVariable(
        'cohort',
        'Cohort',
        'ttlscope_sessions{job=~"$job", run=~"$run"}',
        "The scenario's groups of sessions",
      ),
    )
    .withVariable(
      labelVariable('node', 'Node', 'ttlscope_run_info{job=~"$job", run=~"$run"}', 'The server that is measured'),
    );
  for (const variable of variables) builder.withVariable(variable);
  builder.annotation(phases());
  for (const { title: name, panels } of rows) {
    builder.withRow(new RowBuilder(name));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

/** A mark where a run enters a phase. */
function phases(): AnnotationQueryBuilder {
  const phase = `ttlscope_run_phase${of()}`;
  return new AnnotationQueryBuilder()
    .name('Phases')
    .datasource(PROMETHEUS)
    .enable(true)
    .hide(false)
    .iconColor('blue')
    .expr(`(${phase} == 1) unless (${phase} offset $__interval == 1)`)
    .step('$__interval')
    .titleFormat('{{phase}}')
    .textFormat('run {{run}} ({{scenario}})');
}
