import { z } from 'zod';
import { duration, noKind, positiveDuration, strict } from './forms.ts';

const RATE = /^(\d+(?:\.\d+)?)\/(s|m|h)$/;
const PER_SECOND = { s: 1, m: 60, h: 3600 } as const;
const RATE_ALLOWED = 'is not a rate; use 200/s, 30/m';

/** Arrivals a second. */
const anyRate = z
  .string({ error: RATE_ALLOWED })
  .regex(RATE, { error: RATE_ALLOWED })
  .transform((text) => {
    const [, amount, unit] = RATE.exec(text)!;
    return Number(amount) / PER_SECOND[unit as keyof typeof PER_SECOND];
  })
  .describe('Arrivals in a second, a minute or an hour: 200/s, 30/m');

export const rate = anyRate.refine((perSecond) => perSecond > 0, { error: 'is not more than 0' });

const process = z
  .enum(['poisson', 'constant'], { error: 'is not known; use poisson or constant' })
  .default('poisson')
  .describe('Independent of each other, or as even as the rate allows. (Default: poisson)');

const ramp = strict({
  from: anyRate,
  to: anyRate,
  over: positiveDuration.optional().describe('How long the rate takes; then it holds. (Default: the duration)'),
}).describe('From one rate to another in a straight line');

const steps = z
  .array(strict({ rate: anyRate, for: positiveDuration }), { error: 'is not a list; use [{rate: 100/s, for: 10s}]' })
  .min(1, { error: 'is empty; use [{rate: 100/s, for: 10s}]' })
  .describe('One rate after another; the last holds');

const spike = strict({
  base: anyRate.describe('Before and after it'),
  peak: rate,
  at: duration.describe('When it begins, from the start of the measurement'),
  for: positiveDuration,
}).describe('A rate, and for a while another');

const diurnal = strict({
  trough: anyRate.describe('The least rate, twelve hours from the peak'),
  peak: rate.describe('The greatest rate'),
  'peak-hour': z
    .number({ error: 'is not an hour; use 0 to 24' })
    .min(0, { error: 'is not an hour; use 0 to 24' })
    .lt(24, { error: 'is not an hour; use 0 to 24' })
    .default(20)
    .describe('Of the 24 that are squeezed into the duration. (Default: 20)'),
}).describe('A day squeezed into the duration: the rate is a sine between two');

const loginsAfterOutage = strict({
  base: rate.describe('Logins when all is well'),
  at: duration.describe('When the service goes down, from the start of the measurement'),
  outage: positiveDuration.describe('How long nobody can log in'),
  within: positiveDuration.describe(
    'When it is back, all who would have come meanwhile log in within so long, beside those who come anyway',
  ),
}).describe('A service is down; then all who could not log in do so together, and their sessions fall due together');

const kinds = {
  rate: strict({ rate, process }).transform(({ rate, process }) => ({
    kind: 'steady' as const,
    perSecond: rate,
    process,
  })),
  ramp: strict({ ramp, process }).transform(({ ramp, process }) => ({ kind: 'ramp' as const, ...ramp, process })),
  steps: strict({ steps, process }).transform(({ steps, process }) => ({ kind: 'steps' as const, steps, process })),
  spike: strict({ spike, process }).transform(({ spike, process }) => ({ kind: 'spike' as const, ...spike, process })),
  diurnal: strict({ diurnal, process }).transform(({ diurnal, process }) => ({
    kind: 'diurnal' as const,
    ...diurnal,
    process,
  })),
  'logins-after-outage': strict({ 'logins-after-outage': loginsAfterOutage, process }).transform((written) => ({
    kind: 'logins-after-outage' as const,
    ...written['logins-after-outage'],
    process: written.process,
  })),
  trace: strict({
    trace: z
      .string({ error: 'is not the name of a file' })
      .min(1, { error: 'is not the name of a file' })
      .describe('CSV with a header: arrival, ttl, activity; from the folder of the scenario'),
  }).transform(({ trace }) => ({ kind: 'trace' as const, file: trace })),
};

/** Arrivals whose rate is a function of time. */
export type WrittenShape = Exclude<z.output<typeof arrivals>, { kind: 'trace' }>;

const ALLOWED =
  'is not a rate; use 200/s, 30/m, {rate: 200/s, process: constant}, or one of {ramp: {from: 10/s, to: 500/s}}, ' +
  '{steps: [{rate: 100/s, for: 10s}]}, {spike: {base: 50/s, peak: 2000/s, at: 10s, for: 2s}}, ' +
  '{diurnal: {trough: 20/s, peak: 400/s}}, {logins-after-outage: {base: 50/s, at: 10s, outage: 30s, within: 5s}}, ' +
  '{trace: file.csv}';

export const arrivals = z.union(
  [
    rate.transform((perSecond) => ({ kind: 'steady' as const, perSecond, process: 'poisson' as const })),
    kinds.rate,
    kinds.ramp,
    kinds.steps,
    kinds.spike,
    kinds.diurnal,
    kinds['logins-after-outage'],
    kinds.trace,
  ],
  { error: noKind(Object.keys(kinds), ALLOWED) },
);
