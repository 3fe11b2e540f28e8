import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '../src/redis/embedded-server.ts';
import { printEndpoint } from '../src/redis/endpoint.ts';
import { run } from '../src/run/run.ts';
import type { Cohort, Scenario } from '../src/scenario/scenario.ts';
import { expiredTimes, type StampedBytes } from './accuracy-messages.ts';
import { othersShare } from './accuracy-others.ts';
import { Capture, SocketWitness } from './accuracy-witnesses.ts';

export type Load = 'idle' | 'herd';

/** One run's differences in ms, one for each event; those with tcpdump are `null` where it may not capture. */
export interface Differences {
  events: number;
  invalid: string[];
  /** Share of the machine that other processes used meanwhile; `null` where that cannot be told. */
  others: number | null;
  /** ttlscope's time of hearing − the kernel's time of the segment, on ttlscope's own connection. */
  observerToWire: Float64Array | null;
  /** The same of the bare socket, on its connection. */
  socketToWire: Float64Array | null;
  /** When the server wrote to ttlscope − when it wrote to the bare socket. */
  order: Float64Array | null;
  /** ttlscope − the bare socket. */
  observerToSocket: Float64Array;
}

const AFTER_LAST_EVENT_MS = 1_000;

const COHORT = {
  jitter: 0,
  payloadBytes: { kind: 'fixed', value: 100 },
  content: 'json',
  users: null,
  activity: null,
  store: { name: 'string', creation: 'set-pxat' },
  refresh: { kind: 'none', renewBelow: null },
  logout: 0,
} satisfies Partial<Cohort>;

const LOADS: Record<Load, { settings: Record<string, string>; durationMs: number; cutoffMs: number; cohort: Cohort }> =
  {
    idle: {
      settings: { hz: '100' },
      durationMs: 20_000,
      cutoffMs: 5_000,
      cohort: {
        ...COHORT,
        name: 'trickle',
        population: { kind: 'arriving', rate: [{ atMs: 0, perSecond: 200 }], process: 'poisson' },
        ttlMs: { kind: 'fixed', value: 2_000 },
      },
    },
    herd: {
      settings: {},
      durationMs: 3_000,
      cutoffMs: 3_000,
      cohort: {
        ...COHORT,
        name: 'herd',
        population: { kind: 'filled', sessions: 100_000 },
        ttlMs: { kind: 'together', value: 2_000 },
      },
    },
  };

/** Length of a run of this load, seconds. */
export function loadSeconds(load: Load): number {
  return (LOADS[load].durationMs + LOADS[load].cutoffMs) / 1000;
}

/**
 * Runs ttlscope on a fresh server while a bare socket and tcpdump hear the same events.
 *
 * @param capture false leaves tcpdump out
 * @throws when the witnesses and ttlscope do not agree on which events there were
 */
export async function measure(load: Load, seed: number, capture: boolean): Promise<Differences> {
  const { settings, durationMs, cutoffMs, cohort } = LOADS[load];
  const scenario: Scenario = {
    name: load,
    seed,
    durationMs,
    cutoffMs,
    server: {},
    slowSubscribers: 0,
    thresholds: [],
    cohorts: [cohort],
  };
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-accuracy-'));
  const server = await startEmbeddedServer({ settings: { ...settings, 'notify-keyspace-events': 'Exe' } });
  let packets: Capture | null = null;
  let socket: SocketWitness | null = null;
  try {
    packets = capture ? await Capture.start(server.endpoint.port, directory) : null;
    socket = await SocketWitness.start(server.endpoint.port, directory);
    const othersSoFar = othersShare([server.pid, socket.pid, ...(packets ? [packets.pid] : [])]);
    const heard = new Map<string, number>();
    let unheard = 0;
    const result = await run(scenario, {
      redis: printEndpoint(server.endpoint),
      onLife: ({ key, heardMs }) => {
        if (heardMs === null) unheard++;
        else heard.set(key, heardMs);
      },
    });
    const others = othersSoFar();
    await new Promise((resolve) => setTimeout(resolve, AFTER_LAST_EVENT_MS));
    const streams = await packets?.streams();
    await server.stop();
    const bySocket = expiredTimes(await socket.reads());
    const wire = streams && wireTimes(streams);
    reconcile(heard, unheard, bySocket, 'the bare socket');
    if (wire) reconcile(heard, unheard, wire.observer, 'tcpdump');

    const keys = [...heard.keys()];
    const difference = (of: Map<string, number>, from: Map<string, number>): Float64Array =>
      Float64Array.from(keys, (key) => of.get(key)! - from.get(key)!).sort();
    return {
      events: keys.length,
      invalid: result.verdict.state === 'valid' ? [] : result.verdict.reasons,
      others,
      observerToWire: wire ? difference(heard, wire.observer) : null,
      socketToWire: wire ? difference(bySocket, wire.socket) : null,
      order: wire ? difference(wire.observer, wire.socket) : null,
      observerToSocket: difference(heard, bySocket),
    };
  } finally {
    packets?.kill();
    socket?.kill();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The two subscriptions among all of the server's connections. */
function wireTimes(streams: Map<number, StampedBytes[]>): {
  observer: Map<string, number>;
  socket: Map<string, number>;
} {
  const subscribed = (confirmation: string): Map<string, number> => {
    const found = [...streams.values()].filter((pieces) =>
      Buffer.concat(pieces.slice(0, 20).map(({ bytes }) => bytes)).includes(`\r\n${confirmation}\r\n`),
    );
    if (found.length !== 1) throw new Error(`${found.length} connections got a ${confirmation} reply instead of one`);
    return expiredTimes(found[0]!);
  };
  return { observer: subscribed('subscribe'), socket: subscribed('psubscribe') };
}

/** Every session's event once on both sides; events of sessions that ttlscope did not hear would be its loss. */
function reconcile(heard: Map<string, number>, unheard: number, witnessed: Map<string, number>, who: string): void {
  const sessions = [...witnessed.keys()].filter((key) => /:s\d+$/.test(key));
  const missing = [...heard.keys()].filter((key) => !witnessed.has(key)).length;
  if (missing > 0 || sessions.length !== heard.size) {
    throw new Error(
      `${who} has events of ${sessions.length} sessions, ttlscope of ${heard.size} (${unheard} unheard by its cut-off); ` +
        `${missing} of these are not among them`,
    );
  }
}
