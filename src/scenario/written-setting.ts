import { z } from 'zod';

/** The value of a setting of the server: a text, as redis.conf has it. */
export const setting = z
  .union([z.string(), z.number(), z.boolean()], { error: 'is not a setting; use a text, a number, yes or no' })
  .transform((value) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)))
  .refine((value) => !/[\r\n]/.test(value), { error: 'has more than one line' });
