import { z } from 'zod';
import { AXIS_ALLOWED, checkAxisValues, parseAxisValues } from './axis.ts';
import { strict } from './forms.ts';
import { setting } from './written-setting.ts';

const MOST_REPEATS = 1000;

const axis = z
  .union([setting, z.array(setting)], { error: `is not a value or a list of values; use ${AXIS_ALLOWED}` })
  .transform((written, context) => {
    const parsed = typeof written === 'string' ? parseAxisValues(written) : checkAxisValues(written);
    if (typeof parsed !== 'string') return parsed.values;
    context.issues.push({ code: 'custom', message: parsed, input: written });
    return z.NEVER;
  });

export const sweep = strict({
  over: z
    .record(z.string(), axis, { error: 'is not a mapping of settings to their values' })
    .default({})
    .describe(
      'Settings of the server, each with its values: [10, 100], or in one text 10,100 or 1..10:3 (1, 4, 7, 10), or all that the server names. Every combination is a cell',
    ),
  repeats: z
    .int({ error: 'is not a whole number' })
    .positive({ error: 'is not more than 0' })
    .max(MOST_REPEATS, { error: `is more than ${MOST_REPEATS}` })
    .default(3)
    .describe('Runs of each cell; with one no spread is known. (Default: 3)'),
}).describe('What `ttlscope sweep` varies');
