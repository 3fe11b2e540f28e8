import { z } from 'zod';
import { DURATION_ALLOWED, DURATION_PATTERN, durationMs } from './duration.ts';
import { nearest } from './nearest.ts';
import { SIZE_ALLOWED, SIZE_PATTERN, sizeBytes } from './size.ts';

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

/** The error of a value whose kind one key names: what is allowed, and the nearest kind to a key that names none. */
export function noKind(kinds: readonly string[], allowed: string): (issue: { input?: unknown }) => string {
  return ({ input }) => {
    const keys = typeof input === 'object' && input !== null && !Array.isArray(input) ? Object.keys(input) : [];
    const near = keys.some((key) => kinds.includes(key)) ? null : (keys.map((key) => nearest(key, kinds))[0] ?? null);
    return `${near ? `has no kind that is known; did you mean ${near}? It ` : ''}${allowed}`;
  };
}

export const duration = z
  .string({ error: `is not a duration; use ${DURATION_ALLOWED}` })
  .regex(DURATION_PATTERN, { error: `is not a duration; use ${DURATION_ALLOWED}` })
  .transform((text) => durationMs(text)!)
  .describe(`A duration: ${DURATION_ALLOWED}`);

export const positiveDuration = duration.refine((ms) => ms > 0, { error: 'is not more than 0' });

export const size = z
  .union([z.int().nonnegative(), z.string().regex(SIZE_PATTERN)], {
    error: `is not a size in bytes; use ${SIZE_ALLOWED}`,
  })
  .transform((value) => sizeBytes(value)!)
  .describe(`A size in bytes: ${SIZE_ALLOWED}`);

export const positive = z.number({ error: 'is not a number' }).positive({ error: 'is not more than 0' });

const shareError = 'is not a share; use 10% or 0.1';
export const share = z
  .union([z.number().min(0).max(1), z.string().regex(/^\d+(\.\d+)?%$/)], { error: shareError })
  .transform((value) => (typeof value === 'number' ? value : Number(value.slice(0, -1)) / 100))
  .refine((value) => value <= 1, { error: shareError })
  .describe('A share: 10% or 0.1');
