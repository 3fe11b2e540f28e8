import type { Needed } from '../redis/inspect.ts';
import type { StoreChoice } from '../scenario/store.ts';
import { storeProfile } from './index.ts';
import type { Arg, Numbers, StoreProfile } from './profile.ts';
import { render } from './render.ts';

/** Of a session of no plan. */
const NUMBERS: Numbers = { index: 0, user: 0, deadline: 1, formerDeadline: 1, ttl: 1000, now: 1 };

/**
 * The commands that stores send, for asking whether a server knows and permits them.
 *
 * @param prefix of the keys in them
 */
export function neededBy(stores: readonly StoreChoice[], prefix: string): Needed[] {
  return stores.flatMap((store) => {
    const { create, read, refreshes, destroy, hash, ask, sweep, needs }: StoreProfile = storeProfile(store);
    const sent: { args: readonly Arg[] }[] = [create, read, ...Object.values(refreshes), destroy].flat();
    if (ask) sent.push(ask);
    if (sweep) sent.push(...sweep.take, ...sweep.each);
    if (hash) sent.push({ args: ['HLEN', hash] }); // of each fence
    const commands = sent.map(({ args }) => render(args, NUMBERS, '', prefix));
    return commands
      .filter(([name]) => name !== 'MULTI' && name !== 'EXEC')
      .map((args) => ({ args, by: store.name, servers: needs ?? null }));
  });
}
