import { z } from 'zod';
import { resultSchema } from '../result/schema.ts';
import { FIGURE_NAMES, type FigureName } from './figures.ts';

const seconds = z.number();
const settings = z.record(z.string(), z.string());

const figure = z
  .union([z.number(), z.object({ beyond: seconds })])
  .describe('beyond: not reached within that time, so greater');

const spread = z
  .object({ median: figure, min: figure, max: figure, runs: z.int().positive() })
  .nullable()
  .describe('null: not known');

const place = {
  repeat: z.int().nonnegative().describe('From 0'),
  wallSeconds: seconds.describe("Of the whole cell: the server's start, the run, its end"),
};

const sweptRun = z.discriminatedUnion('state', [
  z.object({ state: z.literal('measured'), ...place, result: resultSchema }),
  z
    .object({ state: z.literal('failed'), ...place, message: z.string(), remedy: z.string().nullable() })
    .describe('There is no result'),
]);

const cell = z.object({
  settings: settings.describe("That make the cell; they go before the scenario's"),
  runs: z.array(sweptRun).describe('In the order in which they were made'),
  figures: z
    .object(Object.fromEntries(FIGURE_NAMES.map((name) => [name, spread])) as Record<FigureName, typeof spread>)
    .describe('Of the valid runs'),
});

export const sweepSchema = z.object({
  schema: z.literal('ttlscope.sweep/1'),
  state: z.enum(['running', 'complete', 'aborted']).describe('running: in progress, or killed'),
  scenario: z.record(z.string(), z.unknown()).describe('The scenario, resolved'),
  seed: z.int().describe('Of the plan and of the order of the runs'),
  repeats: z.int().positive(),
  axes: z.array(z.object({ setting: z.string(), values: z.array(z.string()) })),
  server: z.object({
    endpoint: z.string().nullable().describe('null: an embedded server for each run'),
    binary: z.string().nullable().describe('Of the embedded server'),
  }),
  startedAt: z.iso.datetime(),
  cells: z.array(cell),
});

export type Sweep = z.infer<typeof sweepSchema>;
export type SweptCell = z.infer<typeof cell>;
export type SweptRun = z.infer<typeof sweptRun>;

/** The JSON Schema of `sweep.json`. */
export function sweepJsonSchema(): unknown {
  return z.toJSONSchema(sweepSchema, { reused: 'ref' });
}
