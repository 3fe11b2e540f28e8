import { z } from 'zod';
import { DURATION_ALLOWED, DURATION_PATTERN, durationMs } from './duration.ts';
import { nearest } from './nearest.ts';

/** An object that knows its keys: another one is an error that names the nearest known. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'is not a mapping';
      return (issue.keys as string[])
        .map((key) => {
          const near = nearest(key, known);
          return `is not known here${near ? `; did you mean ${near}?` : ''} (known: ${known.join(', ')})`;
        })
        .join('\n');
    },
  });
}

export const duration = z
  .string({ error: `is not a duration; use ${DURATION_ALLOWED}` })
  .regex(DURATION_PATTERN, { error: `is not a duration; use ${DURATION_ALLOWED}` })
  .transform((text) => durationMs(text)!)
  .describe(`A duration: ${DURATION_ALLOWED}`);

export const positiveDuration = duration.refine((ms) => ms > 0, { error: 'is not more than 0' });
