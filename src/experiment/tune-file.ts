import { z } from 'zod';
import { resultSchema } from '../result/schema.ts';

const settings = z.record(z.string(), z.string());
const runNumber = z.int().positive();
const reason = z.object({ setting: z.string(), why: z.string() });
const figure = z
  .union([z.number(), z.object({ beyond: z.number() }), z.null()])
  .describe('Seconds, a count or a share; beyond: not reached within so many seconds; null: nothing to measure');

const place = {
  run: runNumber.describe('From 1, in the order in which they were made'),
  length: z.enum(['short', 'full']),
  why: z.string(),
  settings: settings.describe("Changed from the present ones; they go before the scenario's"),
  wallSeconds: z.number().describe("Of the whole run: the server's start and end included"),
};

const tunedRun = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('measured'),
    ...place,
    goals: z
      .array(
        z.object({
          value: figure,
          met: z.boolean(),
          shortfall: z
            .number()
            .nullable()
            .describe('0: met; else how far off, the logarithm of a ratio; null: no telling'),
        }),
      )
      .describe('Of each goal, in their order'),
    result: resultSchema,
  }),
  z
    .object({ state: z.literal('failed'), ...place, message: z.string(), remedy: z.string().nullable() })
    .describe('There is no result'),
]);

const finding = z.object({
  outcome: z
    .enum(['found', 'unchanged', 'none', 'not measurable'])
    .describe(
      'found: settings that meet all goals. unchanged: the present ones do, and none that costs less. none: nothing tried does. not measurable: no valid run under the present settings',
    ),
  settings: settings.describe('What was found, or came nearest: changes to the present settings'),
  full: z.object({ present: z.array(runNumber), settings: z.array(runNumber) }).describe('Full runs under either'),
  short: z.object({ present: z.array(runNumber), settings: z.array(runNumber) }).describe('Short runs under either'),
  effects: z
    .array(
      z.object({
        setting: z.string(),
        without: runNumber.nullable().describe('Short run of the settings found, but for this one; null: none'),
      }),
    )
    .describe('Where several settings are changed'),
  remedies: z.array(z.string()).describe('What else would help, where nothing tried does'),
});

const lengths = z.object({ durationMs: z.number(), cutoffMs: z.number() });

export const tuneSchema = z.object({
  schema: z.literal('ttlscope.tune/1'),
  state: z.enum(['running', 'complete', 'aborted']).describe('running: in progress, or killed'),
  scenario: z.record(z.string(), z.unknown()).describe('The scenario, resolved; its thresholds are the goals'),
  goals: z.array(z.string()),
  seed: z.int().describe('Of the plan, and of the order of the full runs'),
  budget: z.int().positive().describe('Most runs'),
  repeats: z.int().positive().describe('Full runs of what is confirmed'),
  full: lengths,
  short: lengths,
  axes: z
    .array(
      z.object({
        setting: z.string(),
        present: z.string(),
        levels: z.array(z.string()).describe('The present one included'),
        why: z.string(),
        immutable: z.boolean().describe('A server has it from its start, CONFIG SET does not change it'),
      }),
    )
    .describe('What was searched over'),
  leftOut: z.array(reason).describe('Settings that were not changed'),
  server: z.object({
    endpoint: z.string().nullable().describe('null: an embedded server for each run'),
    binary: z.string().nullable().describe('Of the embedded server'),
  }),
  startedAt: z.iso.datetime(),
  runs: z.array(tunedRun),
  finding: finding.nullable().describe('null: the search did not come to its end'),
});

export type Tune = z.infer<typeof tuneSchema>;
export type TunedRun = z.infer<typeof tunedRun>;
export type Finding = z.infer<typeof finding>;

/** The JSON Schema of `tune.json`. */
export function tuneJsonSchema(): unknown {
  return z.toJSONSchema(tuneSchema, { reused: 'ref' });
}
