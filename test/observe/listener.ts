import { EVENT, SPACE } from '../../src/observe/event-batch.ts';
import { Observer } from '../../src/observe/observer.ts';
import type { ObservedEvent, ObserverOptions } from '../../src/observe/protocol.ts';
import type { Endpoint } from '../../src/redis/endpoint.ts';

export const PREFIX = 'ttlscope:test:';
export const FENCE = `${PREFIX}fence`;

const EVENT_NAMES = Object.fromEntries(Object.entries(EVENT).map(([name, code]) => [code, name]));
const SPACE_NAMES = Object.fromEntries(Object.entries(SPACE).map(([name, code]) => [code, name]));

/** An observer whose handlers' calls are kept in order: `0 expired session 7`, `0 cut`, `0 restored`. */
export interface Listener {
  observer: Observer;
  told: string[];
  /** Arrival of each message in `told`, or the time of the cut or restoration. */
  timesMs: number[];
  reasons: string[];
  /** Resolves when `done` says so of what has been told. */
  until(done: (told: string[]) => boolean): Promise<void>;
}

export async function listen(
  endpoints: Endpoint[],
  events: ObservedEvent[] = ['expired', 'evicted', 'new'],
  keyPrefix: ObserverOptions['keyPrefix'] = PREFIX,
): Promise<Listener> {
  const told: string[] = [];
  const timesMs: number[] = [];
  const reasons: string[] = [];
  let check = (): void => {};
  const tell = (text: string, atMs: number): void => {
    told.push(text);
    timesMs.push(atMs);
    check();
  };
  const observer = await Observer.start(
    { nodes: endpoints.map((endpoint) => ({ endpoint })), keyPrefix, events },
    {
      events: ({ node, arrivalMonoMs, codes, values }) => {
        for (const [i, code] of codes.entries()) {
          tell(`${node} ${EVENT_NAMES[code >> 4]} ${SPACE_NAMES[code & 15]} ${values[i]}`, arrivalMonoMs);
        }
      },
      cut: (node, atMonoMs, reason) => {
        reasons.push(reason);
        tell(`${node} cut`, atMonoMs);
      },
      restored: (node, atMonoMs) => tell(`${node} restored`, atMonoMs),
    },
  );
  const until = (done: (told: string[]) => boolean): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (done(told)) resolve();
      };
      check();
    });
  return { observer, told, timesMs, reasons, until };
}

/** What was told with the given last entry as its end. */
export const endsWith =
  (last: string) =>
  (told: string[]): boolean =>
    told.at(-1) === last;
