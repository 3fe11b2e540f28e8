import { readFileSync } from 'node:fs';
import { DASHBOARDS } from '../../dashboards/index.ts';

/** Of the Classic model what the tests look at. */
export interface Target {
  refId: string;
  expr: string;
  /** Asked for its last value, not over time. */
  instant?: boolean;
  datasource?: { type?: string; uid?: string };
}

export interface Panel {
  type: string;
  title?: string;
  description?: string;
  datasource?: { type?: string; uid?: string };
  targets?: Target[];
  fieldConfig?: { defaults?: { unit?: string; thresholds?: { steps: unknown[] } } };
  panels?: Panel[];
}

export interface Variable {
  name: string;
  label?: string;
  type: string;
  query: string | { query: string };
  datasource?: { uid?: string };
  refresh?: number;
  multi?: boolean;
  allValue?: string;
}

export interface Model {
  uid: string;
  title: string;
  description: string;
  schemaVersion: number;
  editable: boolean;
  refresh: string;
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: { name: string; expr?: string; datasource?: { uid?: string } }[] };
  links: { type: string; tags: string[] }[];
}

/** As they are in the repository, by name. */
export const FILES: ReadonlyMap<string, string> = new Map(
  Object.keys(DASHBOARDS).map((name) => [
    name,
    readFileSync(new URL(`../../dashboards/${name}.json`, import.meta.url), 'utf8'),
  ]),
);

export const MODELS: ReadonlyMap<string, Model> = new Map(
  [...FILES].map(([name, text]) => [name, JSON.parse(text) as Model]),
);

/** Those that show something, in whichever row. */
export function panelsOf({ panels }: Pick<Model, 'panels'>): Panel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? panelsOf({ panels: panel.panels ?? [] }) : [panel]));
}

export function queryOf({ query }: Variable): string {
  return typeof query === 'string' ? query : query.query;
}
