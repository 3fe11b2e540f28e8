import { STORE_NAMES, STRING_CREATIONS, type StoreChoice, usualStore } from '../../src/scenario/store.ts';

/** Every store, and each of its options once. */
export const VARIANTS: StoreChoice[] = [
  ...STORE_NAMES.map(usualStore),
  ...STRING_CREATIONS.slice(1).map((creation): StoreChoice => ({ name: 'string', creation })),
  { name: 'hash', multi: false },
  { name: 'connect-redis', disableTtl: true, disableTouch: false },
  { name: 'connect-redis', disableTtl: false, disableTouch: true },
  { name: 'fastify-session', rolling: false },
  { name: 'koa-session', renew: false, rolling: false },
  { name: 'koa-session', renew: true, rolling: true },
  { name: 'spring-indexed', sweepEveryMs: 60_000 },
  { name: 'phpredis', locking: true },
];

/** `string {creation: setex}`; the name alone where the options are the usual ones. */
export function title(store: StoreChoice): string {
  const usual = new Map<string, unknown>(Object.entries(usualStore(store.name)));
  const options = Object.entries(store).filter(([option, value]) => usual.get(option) !== value);
  return options.length === 0
    ? store.name
    : `${store.name} {${options.map(([option, value]) => `${option}: ${value}`).join(', ')}}`;
}
