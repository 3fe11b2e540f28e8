import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { of } from './common.ts';
import { type Query, withLimits } from './panels.ts';

/** Bounds of the scenario's thresholds that the matchers choose, for a panel in `withThresholds`. */
export const thresholds = (...more: string[]): Query => ({
  expr: `max by (run, metric, expression) (ttlscope_threshold${of(...more)})`,
  legend: 'threshold {{metric}} {{expression}} of {{run}}',
});

export const withThresholds = (panel: PanelBuilder): PanelBuilder => withLimits(panel, '/^threshold/');
