import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  AxisPlacement,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { PROMETHEUS } from './common.ts';

/** An expression, and what its series are called. */
export interface Query {
  expr: string;
  legend: string;
}

export interface PanelOptions {
  title: string;
  /** What a good value is, and what to turn when it is not. */
  about: string;
  unit: string;
  queries: readonly Query[];
  /** Of the 24 columns of a row. (Default: 12) */
  span?: number;
}

const HEIGHT = 8;
const STAT_HEIGHT = 4;
/** Prometheus' +Inf is greater than any lag; Grafana maps it by a range. */
const INFINITE_FROM = 1e15;

/** A quantile that is infinite was not reached; one that is no number is of nothing. */
export const NOT_REACHED: ValueMapping[] = [
  {
    type: MappingType.RangeToText,
    options: { from: INFINITE_FROM, to: null, result: { text: 'not reached', color: 'red', index: 0 } },
  },
  {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.NullAndNan, result: { text: 'none due', color: 'text', index: 1 } },
  },
];

/** Of `ttlscope_threshold_held`. */
export const HELD: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      '1': { text: 'held', color: 'green', index: 0 },
      '0': { text: 'not held', color: 'red', index: 1 },
    },
  },
];

function target({ expr, legend }: Query, position: number): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + position))
    .datasource(PROMETHEUS)
    .expr(expr)
    .legendFormat(legend);
  // What is of the whole time shown has one value, at its end.
  return expr.includes('$__range') ? builder.instant() : builder.range();
}

function legend(mode: LegendDisplayMode, calcs: string[]): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(mode)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(calcs);
}

/** Lines over time. */
export function lines({ title, about, unit, queries, span = 12 }: PanelOptions): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(about)
    .datasource(PROMETHEUS)
    .unit(unit)
    .min(0)
    .height(HEIGHT)
    .span(span)
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .axisPlacement(AxisPlacement.Auto)
    .legend(legend(LegendDisplayMode.Table, ['lastNotNull', 'max']))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  for (const [position, query] of queries.entries()) panel.withTarget(target(query, position));
  return panel;
}

/** The same on a scale by powers of ten, for times. */
export function logLines(options: PanelOptions): TimeseriesBuilder {
  const log = new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10);
  return lines(options).min(0.0001).scaleDistribution(log);
}

/**
 * Quantiles of the lag, which end where they are no longer reached: the legend has names only, because its last value would
 * be one from before.
 */
export function quantileLines(options: PanelOptions): TimeseriesBuilder {
  return logLines(options).legend(legend(LegendDisplayMode.List, []));
}

/** Draws the series whose names match dashed and without an area: limits, and the scenario's thresholds. */
export function withLimits(panel: TimeseriesBuilder, pattern: string): TimeseriesBuilder {
  const properties: DynamicConfigValue[] = [
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
  ];
  return panel.overrideByRegexp(pattern, properties);
}

/** How often which values came, over time: of a histogram. */
export function heatmap({ title, about, unit, queries, span = 12 }: PanelOptions): HeatmapBuilder {
  const panel = new HeatmapBuilder()
    .title(title)
    .description(about)
    .datasource(PROMETHEUS)
    .height(HEIGHT)
    .span(span)
    .unit(unit)
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Blues').steps(48).reverse(false))
    .yAxis(new YAxisConfigBuilder().unit(unit))
    .cellGap(1);
  for (const [position, query] of queries.entries()) {
    panel.withTarget(target(query, position).format(PromQueryFormat.Heatmap));
  }
  return panel;
}

export interface StatOptions extends PanelOptions {
  /** Up to the first value all is well, from the second on it is not; without them there is no judgement. */
  good?: readonly [warn: number, bad: number];
  /** Of each series. (Default: value) */
  show?: 'value' | 'name' | 'both';
  /** Words for values. (Default: none) */
  words?: ValueMapping[];
}

const TEXT = {
  value: BigValueTextMode.Value,
  name: BigValueTextMode.Name,
  both: BigValueTextMode.ValueAndName,
} as const;

/** Stated even where there is no judgement: by default Grafana shows what is above 80 in red. */
function colours(good: StatOptions['good'], plain: string): ThresholdsConfigBuilder {
  const steps = good
    ? [
        { value: null, color: 'green' },
        { value: good[0], color: 'orange' },
        { value: good[1], color: 'red' },
      ]
    : [{ value: null, color: plain }];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

/** A number now. */
export function stat({
  title,
  about,
  unit,
  queries,
  span = 3,
  good,
  show = 'value',
  words = [],
}: StatOptions): StatBuilder {
  const panel = new StatBuilder()
    .title(title)
    .description(about)
    .datasource(PROMETHEUS)
    .unit(unit)
    .height(STAT_HEIGHT)
    .span(span)
    .mappings(words)
    .graphMode(show === 'value' ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(good || words.length > 0 ? BigValueColorMode.Value : BigValueColorMode.None)
    .textMode(TEXT[show])
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(colours(good, 'text'));
  for (const [position, query] of queries.entries()) panel.withTarget(target(query, position));
  return panel;
}

/** Series beside each other, a bar each. */
export function bars({ title, about, unit, queries, span = 12 }: PanelOptions): BarGaugeBuilder {
  const panel = new BarGaugeBuilder()
    .title(title)
    .description(about)
    .datasource(PROMETHEUS)
    .unit(unit)
    .min(0)
    .height(HEIGHT)
    .span(span)
    .orientation(VizOrientation.Horizontal)
    .thresholds(colours(undefined, 'blue'))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  for (const [position, query] of queries.entries()) panel.withTarget(target(query, position));
  return panel;
}
