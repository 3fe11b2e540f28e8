import { z } from 'zod';
import { DURATION_ALLOWED } from './duration.ts';
import { noKind, positive, positiveDuration, size, strict } from './forms.ts';
import { nearest } from './nearest.ts';
import { PRESETS } from './presets.ts';
import { SIZE_ALLOWED } from './size.ts';

const KINDS = ['uniform', 'exponential', 'lognormal', 'mixture'];

/** Forms of a distribution over a unit, in the order in which an error explains them. */
function distributionOf(unit: z.ZodType<number>, example: (n: number) => string, what: string) {
  const forms = `{uniform: [${example(1)}, ${example(10)}]}, {exponential: ${example(30)}}, {lognormal: {median: ${example(20)}, sigma: 0.5}} or {mixture: [{weight: 1, of: …}]}`;
  const allowed = `is not a ${what}, or a distribution: ${forms}`;
  const fixed = unit.transform((value) => ({ kind: 'fixed' as const, value }));
  const uniform = strict({
    uniform: z
      .tuple([unit, unit], { error: `is not a pair; use [${example(1)}, ${example(10)}]` })
      .describe('Evenly between the two'),
  })
    .refine(({ uniform: [min, max] }) => min <= max, { error: 'has its least value above its greatest' })
    .transform(({ uniform: [min, max] }) => ({ kind: 'uniform' as const, min, max }));
  const exponential = strict({ exponential: unit.describe('With this mean') }).transform(({ exponential }) => ({
    kind: 'exponential' as const,
    mean: exponential,
  }));
  const lognormal = strict({
    lognormal: strict({ median: unit, sigma: positive.describe('Standard deviation of the logarithm') }).describe(
      'Log-normal',
    ),
  }).transform(({ lognormal }) => ({
    kind: 'lognormal' as const,
    ...lognormal,
  }));
  const simple = z.union([fixed, uniform, exponential, lognormal], { error: noKind(KINDS.slice(0, 3), allowed) });
  const mixture = strict({
    mixture: z
      .array(
        strict({
          weight: positive.describe('Beside the weights of the others'),
          of: simple.describe('One value, or one of the above'),
        }),
      )
      .min(1, { error: 'is empty' })
      .describe('Drawn from one of the parts, chosen by weight'),
  }).transform(({ mixture }) => ({ kind: 'mixture' as const, parts: mixture }));
  return { forms: [fixed, uniform, exponential, lognormal, mixture] as const, allowed };
}

const presetNames = Object.keys(PRESETS);
const preset = strict({
  preset: z
    .enum(presetNames as [string, ...string[]], {
      error: ({ input }) => {
        const near = nearest(String(input), presetNames);
        return `is not known${near ? `; did you mean ${near}?` : ''} (known: ${presetNames.join(', ')})`;
      },
    })
    .describe('A mix that was measured elsewhere'),
}).transform(({ preset }) => PRESETS[preset]!.distribution);

const second = (n: number): string => `${n}s`;
const times = distributionOf(positiveDuration, second, `duration; use ${DURATION_ALLOWED}`);
const timeForms = [...times.forms, preset] as const;
const timesAllowed = `${times.allowed}; or {preset: ${presetNames[0]}}`;
const timeKinds = [...KINDS, 'preset'];

export const time = z.union(timeForms, { error: noKind(timeKinds, timesAllowed) });

const together = strict({ together: positiveDuration.describe('One deadline, shared by the cohort') }).transform(
  ({ together }) => ({
    kind: 'together' as const,
    value: together,
  }),
);

export const ttl = z.union([...timeForms, together], {
  error: noKind([...timeKinds, 'together'], `${timesAllowed}, or {together: 20s} for one deadline shared by all`),
});

const sizes = distributionOf(size, (n) => String(n * 100), `size in bytes; use ${SIZE_ALLOWED}`);
export const payload = z.union(sizes.forms, { error: noKind(KINDS, sizes.allowed) });
