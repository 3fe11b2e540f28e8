import { z } from 'zod';
import { positiveDuration, strict } from './forms.ts';
import { nearest } from './nearest.ts';

/** What a request does to the deadline of its session. */
export const REFRESH_KINDS = ['none', 'touch', 'rewrite', 'getex'] as const;
export type RefreshKind = (typeof REFRESH_KINDS)[number];
export type RefreshName = Exclude<RefreshKind, 'none'>;

export const STRING_CREATIONS = ['set-pxat', 'setex', 'set-ex', 'set-then-expire'] as const;
export type StringCreation = (typeof STRING_CREATIONS)[number];

/** How a cohort keeps its sessions: a store, and its options with every default filled in. */
export type StoreChoice =
  | { name: 'string'; creation: StringCreation }
  /** `multi`: HSET and EXPIRE in one transaction. */
  | { name: 'hash'; multi: boolean }
  | { name: 'hash-field' }
  | { name: 'connect-redis'; disableTtl: boolean; disableTouch: boolean }
  | { name: 'fastify-session'; rolling: boolean }
  | { name: 'koa-session'; renew: boolean; rolling: boolean }
  | { name: 'better-auth' }
  /** `sweepEveryMs`: how often the sets of due sessions are swept; `null`: never. */
  | { name: 'spring-indexed'; sweepEveryMs: number | null }
  | { name: 'phpredis'; locking: boolean }
  | { name: 'laravel' }
  | { name: 'django' }
  | { name: 'expiry-index' };

export type StoreName = StoreChoice['name'];

/** What a request does when a scenario does not say: a refresh, and the share of the TTL below which it comes. */
interface Usual {
  kind: RefreshKind;
  renewBelow: number | null;
}

export const NO_REFRESH: Usual = { kind: 'none', renewBelow: null };
const TOUCH: Usual = { kind: 'touch', renewBelow: null };
const REWRITE: Usual = { kind: 'rewrite', renewBelow: null };

/** Sessions last 7 days and are updated when they are a day old: with 6 of 7 days left. */
const BETTER_AUTH_RENEWS_BELOW = 6 / 7;

/** Which refreshes a store can send (each store's profile has exactly these), and what it does of its own accord. */
export function refreshesOf(store: StoreChoice): { has: readonly RefreshName[]; usual: Usual } {
  switch (store.name) {
    case 'string':
      return { has: ['touch', 'rewrite', 'getex'], usual: NO_REFRESH };
    case 'hash':
    case 'hash-field':
    case 'expiry-index':
      return { has: ['touch', 'rewrite'], usual: NO_REFRESH };
    case 'connect-redis':
      return store.disableTtl || store.disableTouch
        ? { has: ['rewrite'], usual: NO_REFRESH }
        : { has: ['touch', 'rewrite'], usual: TOUCH };
    case 'fastify-session':
      return { has: ['rewrite'], usual: store.rolling ? REWRITE : NO_REFRESH };
    case 'koa-session':
      if (store.rolling) return { has: ['rewrite'], usual: REWRITE };
      return { has: ['rewrite'], usual: store.renew ? { kind: 'rewrite', renewBelow: 0.5 } : NO_REFRESH };
    case 'better-auth':
      return { has: ['rewrite'], usual: { kind: 'rewrite', renewBelow: BETTER_AUTH_RENEWS_BELOW } };
    case 'spring-indexed':
    case 'laravel':
      return { has: ['rewrite'], usual: REWRITE };
    case 'phpredis':
      return { has: ['touch', 'rewrite', 'getex'], usual: TOUCH };
    case 'django':
      return { has: ['rewrite'], usual: NO_REFRESH };
    default:
      return store satisfies never;
  }
}

const flag = (byDefault: boolean, what: string) =>
  z.boolean({ error: 'is neither true nor false' }).default(byDefault).describe(`${what} (Default: ${byDefault})`);

const creation = z
  .enum(STRING_CREATIONS, { error: `is not known; use ${STRING_CREATIONS.join(', ')}` })
  .default('set-pxat')
  .describe('Commands that make a session. (Default: set-pxat)');

/** The options of each store as a person writes them, read as a choice. */
const CHOICES = {
  string: strict({ creation }).transform((options) => ({ name: 'string', ...options }) as const),
  hash: strict({ multi: flag(true, 'HSET and EXPIRE in one transaction.') }).transform(
    (options) => ({ name: 'hash', ...options }) as const,
  ),
  'hash-field': strict({}).transform(() => ({ name: 'hash-field' }) as const),
  'connect-redis': strict({
    'disable-ttl': flag(false, 'Its disableTTL: sessions never expire.'),
    'disable-touch': flag(false, 'Its disableTouch: a request does not refresh.'),
  }).transform(
    (options) =>
      ({ name: 'connect-redis', disableTtl: options['disable-ttl'], disableTouch: options['disable-touch'] }) as const,
  ),
  'fastify-session': strict({ rolling: flag(true, 'Its rolling: each request saves the session.') }).transform(
    (options) => ({ name: 'fastify-session', ...options }) as const,
  ),
  'koa-session': strict({
    renew: flag(true, 'Its renew, which koa-session leaves off: a request renews below half the TTL.'),
    rolling: flag(false, 'Its rolling: each request saves the session.'),
  }).transform((options) => ({ name: 'koa-session', ...options }) as const),
  'better-auth': strict({}).transform(() => ({ name: 'better-auth' }) as const),
  'spring-indexed': strict({
    sweep: positiveDuration
      .optional()
      .describe('How often the set of the minute that has passed is swept; Spring has 1m. (Default: never)'),
  }).transform(({ sweep }) => ({ name: 'spring-indexed', sweepEveryMs: sweep ?? null }) as const),
  phpredis: strict({ locking: flag(false, 'Its redis.session.locking_enabled.') }).transform(
    (options) => ({ name: 'phpredis', ...options }) as const,
  ),
  laravel: strict({}).transform(() => ({ name: 'laravel' }) as const),
  django: strict({}).transform(() => ({ name: 'django' }) as const),
  'expiry-index': strict({}).transform(() => ({ name: 'expiry-index' }) as const),
} satisfies { [Name in StoreName]: z.ZodType<Extract<StoreChoice, { name: Name }>> };

export const STORE_NAMES = Object.keys(CHOICES) as StoreName[];

/** The store with its options as they are when nothing is written. */
export const usualStore = (name: StoreName): StoreChoice => CHOICES[name].parse({});

const named = z.enum(STORE_NAMES).transform(usualStore);

const NOT_ONE = 'does not name one store; use the name of one, or {name: {option: value}}';

const withOptions = strict(
  Object.fromEntries(STORE_NAMES.map((name) => [name, CHOICES[name].optional()])) as {
    [Name in StoreName]: z.ZodOptional<(typeof CHOICES)[Name]>;
  },
)
  .refine((written) => Object.keys(written).length === 1, { error: NOT_ONE })
  .meta({ minProperties: 1, maxProperties: 1 })
  .transform((written): StoreChoice => Object.values(written)[0]!);

/** What a person writes: the name of a store, or `{koa-session: {rolling: true}}`. */
export const store = z
  .union([named, withOptions], { error: ({ input }) => explain(input) })
  .default(usualStore('string'))
  .describe('How sessions are kept: the name of a store, or {name: {option: value}}. (Default: string)');

function explain(written: unknown): string {
  const names = typeof written === 'object' && written !== null ? Object.keys(written) : [String(written)];
  if (names.length !== 1) return NOT_ONE;
  const near = nearest(names[0]!, STORE_NAMES);
  const hint = near ? `; did you mean ${near}?` : '';
  return `is not a store; use its name, or {name: {option: value}}${hint} (known: ${STORE_NAMES.join(', ')})`;
}
