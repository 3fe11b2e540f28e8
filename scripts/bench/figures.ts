import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { scenarioMs } from '../../src/experiment/matrix.ts';
import { newSweep, runSweep } from '../../src/experiment/sweep.ts';
import { connect } from '../../src/redis/connect.ts';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import { infoNumber, parseInfo } from '../../src/redis/info.ts';
import { writeSweep } from '../../src/report/sweep-files.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { STORE_NAMES, type StoreName, usualStore } from '../../src/scenario/store.ts';
import { storeProfile } from '../../src/stores/index.ts';
import type { Arg } from '../../src/stores/profile.ts';
import type { Figures } from './child.ts';
import { inChild, withServer } from './measure.ts';
import { redisBenchmark, type Timed } from './redis-benchmark.ts';
import { startSampler } from './rig.ts';
import { interleaved, meanOf, type Spread, spreadOf } from './statistics.ts';

/** What is measured, beside its goal. */
export interface Row {
  figure: string;
  against: string;
  goal: string;
  /** Of pairs measured side by side: the median is held against the goal. */
  measured: Spread;
  unit: string;
  /** `null`: there is no goal. */
  met: boolean | null;
  remarks: string[];
  raw: unknown;
}

/** The smaller, the better; or the greater. */
const atMost = (goal: number) => (value: number) => value <= goal;
const atLeast = (goal: number) => (value: number) => value >= goal;

function row(
  figure: string,
  against: string,
  goal: string,
  values: readonly number[],
  unit: string,
  met: ((median: number) => boolean) | null,
  raw: unknown,
  remarks: string[] = [],
): Row {
  const measured = spreadOf(values);
  return { figure, against, goal, measured, unit, met: met?.(measured.median) ?? null, remarks, raw };
}

const SESSIONS = 4_000_000;
const PAYLOAD = 'x'.repeat(200);
/** As long as a session's key in the rig, 26 bytes. */
const KEY_STEM = 'ttlscope:bench';
const PAIRS = 5;
const number = (figures: Figures, name: string): number => Number(figures[name]);

/** Sessions created a second, and what that costs, in a fill or as arrivals; and the same keys over and over. */
async function create(how: 'fill' | 'arrivals', pairs: number): Promise<Row[]> {
  const set = ['SET', `${KEY_STEM}__rand_int__`, PAYLOAD, 'PX', '3600000'];
  const found = await interleaved(
    pairs,
    () => withServer({}, ({ port }) => inChild('create', { port, sessions: SESSIONS, how })),
    () => withServer({}, async (endpoint) => ({ ...(await redisBenchmark(endpoint, SESSIONS, set)), endpoint })),
  );
  const rates = found.map(([ours, theirs]) => theirs.seconds / number(ours, 'seconds'));
  const costs = found.map(([ours, theirs]) => number(ours, 'cpuSeconds') / theirs.cpuSeconds);
  const distinct = new Set(found.map(([ours]) => `${ours.distinct}`));
  const perSecond = spreadOf(found.map(([ours]) => SESSIONS / number(ours, 'seconds'))).median;
  const us = spreadOf(found.map(([ours]) => (number(ours, 'cpuSeconds') * 1e6) / SESSIONS)).median;
  const theirUs = spreadOf(found.map(([, { cpuSeconds }]) => (cpuSeconds * 1e6) / SESSIONS)).median;
  const against = 'redis-benchmark -P 64 -c 8, SET … PX, keys of 26 B, values of 200 B';
  return [
    row(`sessions created a second, ${how}`, against, '>= 1.0', rates, '×', atLeast(1), found, [
      `${Math.round(perSecond)} a second; distinct keys ${[...distinct].join(', ')} of ${SESSIONS}, all present in the ledger`,
    ]),
    row(`processor time a session, ${how}`, against, '<= 1.3', costs, '×', atMost(1.3), found, [
      `${us.toFixed(2)} µs against ${theirUs.toFixed(2)} µs`,
    ]),
  ];
}

/** redis-benchmark against itself with few keys, which shows how much distinct ones cost a server. */
async function sameKeys(pairs: number): Promise<Row[]> {
  const set = ['SET', `${KEY_STEM}__rand_int__`, PAYLOAD, 'PX', '3600000'];
  const once = (keys?: number) => () => withServer({}, (endpoint) => redisBenchmark(endpoint, SESSIONS, set, keys));
  const found = await interleaved(pairs, once(1), once());
  const ratios = found.map(([same, distinct]) => distinct.seconds / same.seconds);
  return [
    row('control: redis-benchmark, one key for all', 'the same with distinct keys', 'none', ratios, '×', null, found),
  ];
}

async function touches(pairs: number): Promise<Row[]> {
  const sessions = 1_000_000;
  const expire = ['EXPIRE', `${KEY_STEM}__rand_int__`, '3600'];
  const set = ['SET', `${KEY_STEM}__rand_int__`, PAYLOAD, 'PX', '3600000'];
  const found = await interleaved(
    pairs,
    () => withServer({}, ({ port }) => inChild('refresh', { port, sessions })),
    () =>
      withServer({}, async (endpoint) => {
        await redisBenchmark(endpoint, 4 * sessions, set, sessions);
        return redisBenchmark(endpoint, sessions, expire, sessions);
      }),
  );
  const ratios = found.map(([ours, theirs]) => theirs.seconds / number(ours, 'seconds'));
  const perSecond = spreadOf(found.map(([ours]) => sessions / number(ours, 'seconds'))).median;
  const against = 'redis-benchmark -P 64 -c 8, EXPIRE, a million keys';
  return [
    row('touches a second, settled', against, '>= 0.9', ratios, '×', atLeast(0.9), found, [
      `${Math.round(perSecond)} a second`,
    ]),
  ];
}

const HERD = { hz: '500', 'active-expire-effort': '10' };
const NO_LIMIT = { 'client-output-buffer-limit': 'pubsub 0 0 0' };

async function herds(pairs: number): Promise<Row[]> {
  const sessions = 1_000_000;
  const settings = { ...HERD, ...NO_LIMIT };
  const found = await interleaved(
    pairs,
    () => withServer(settings, ({ port }) => inChild('herd', { port, sessions })),
    () => withServer(settings, ({ port }) => inChild('bareHerd', { port, sessions })),
  );
  const ratios = found.map(([ours, bare]) => number(ours, 'seconds') / number(bare, 'seconds'));
  const lost = found.reduce((sum, [ours]) => sum + number(ours, 'lost'), 0);
  const seconds = spreadOf(found.map(([ours]) => number(ours, 'seconds'))).median;
  const us = found.map(([ours]) => number(ours, 'observerUsAMessage'));
  const against = 'a bare subscriber (Python) that counts bytes';
  return [
    row(
      'a million sessions due together: until the last is settled',
      against,
      '<= 1.10',
      ratios,
      '×',
      atMost(1.1),
      found,
      [`${seconds.toFixed(2)} s; ${lost} lost`],
    ),
    row('processor time of the observer a message', '–', '<= 0.5 µs', us, 'µs', atMost(0.5), found),
  ];
}

async function herdAtTheLimit(): Promise<Row[]> {
  const written = {
    duration: '10s',
    cutoff: '5s',
    server: HERD,
    cohorts: { herd: { sessions: 1_000_000, ttl: { together: '3s' }, payload: 10 } },
  };
  const found = await inChild('wholeRun', { written });
  const cut = /events may have been missed/.test(String(found.reasons));
  const met = found.lawHolds === true && found.lost === 0;
  const remarks = [`cut: ${cut}; unknown ${found.unknown}; lost ${found.lost}; ${found.reasons}`];
  return [
    {
      ...row(
        'a million due together at the default output-buffer limit',
        '–',
        'a gap, sums hold',
        [Number(found.expired)],
        'heard',
        null,
        found,
        remarks,
      ),
      met,
    },
  ];
}

async function tenMillion(): Promise<Row[]> {
  const written = (sessions: number) => ({
    duration: '60s',
    cutoff: '30s',
    server: { hz: 100, 'active-expire-effort': 10, 'client-output-buffer-limit': 'pubsub 0 0 0' },
    cohorts: { a: { sessions, ttl: { uniform: ['5s', '50s'] }, payload: 100 } },
  });
  const sessions = 10_000_000;
  const found = await inChild('wholeRun', { written: written(sessions) });
  const none = await inChild('wholeRun', { written: { ...written(1), duration: '5s', cutoff: '0s' } });
  const bytes = (number(found, 'peakRssBytes') - number(none, 'peakRssBytes')) / sessions;
  const { bytesASession } = await inChild('rows', { sessions });
  const remarks = [
    `verdict ${found.verdict}; law ${found.lawHolds}; expired ${found.expired}, stale ${found.stale}, lost ${found.lost}, unknown ${found.unknown}`,
    `lag p50 ${found.p50} s, max ${found.max} s; fill ${number(found, 'fillSeconds').toFixed(1)} s`,
    `peak RSS of the harness ${(number(found, 'peakRssBytes') / 1e9).toFixed(2)} GB, memory of the server ${(number(found, 'serverPeakBytes') / 1e9).toFixed(2)} GB`,
    String(found.reasons),
  ];
  return [
    {
      ...row(
        '10 million sessions, hz 100, effort 10: fill, expire, account for all',
        '–',
        'completes, the law holds',
        [number(found, 'seconds')],
        's',
        null,
        found,
        remarks,
      ),
      met: found.lawHolds === true && found.lost === 0,
    },
    row('peak RSS of that run less one with one session, a session', '–', '<= 40 B', [bytes], 'B', atMost(40), none),
    row(
      'memory of the ledger a session',
      '–',
      '24 B',
      [Number(bytesASession)],
      'B',
      (value) => value === 24,
      bytesASession,
    ),
  ];
}

async function slips(pairs: number): Promise<Row[]> {
  const saturated: number[] = [];
  const late: Figures[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const { seconds } = await withServer({}, ({ port }) =>
      inChild('create', { port, sessions: SESSIONS, how: 'arrivals' }),
    );
    saturated.push(SESSIONS / Number(seconds));
    late.push(
      await withServer({}, ({ port }) => inChild('slip', { port, perSecond: saturated.at(-1)! / 2, seconds: 8 })),
    );
  }
  const rate = Math.round(spreadOf(saturated).median / 2);
  const p99 = late.map((figures) => number(figures, 'p99Ms'));
  return [
    row('schedule slip p99 at half the rate that saturates the server', '–', '<= 2 ms', p99, 'ms', atMost(2), late, [
      `about ${rate} sessions a second for 8 s`,
    ]),
  ];
}

/** What a run of a sweep takes beyond the scenario's own time: a server's start and end, the trial, the fill, the file. */
async function sweepOverhead(repeats: number): Promise<Row[]> {
  const scenario = await loadScenario('scenarios/quickstart.yml', { set: ['duration=4s', 'cutoff=1s'] });
  const axes = [{ setting: 'hz', values: ['10', '100'] }];
  const sweep = newSweep({ scenario, axes, repeats, server: { endpoint: null, binary: null } });
  const dir = mkdtempSync(join(tmpdir(), 'ttlscope-bench-'));
  const seconds: number[] = [];
  let beganAt = performance.now();
  const save = async (): Promise<void> => {
    await writeSweep(dir, sweep);
    seconds.push((performance.now() - beganAt) / 1000 - scenarioMs(scenario) / 1000);
    beganAt = performance.now();
  };
  await runSweep(sweep, scenario, { save });
  rmSync(dir, { recursive: true });
  const runs = sweep.cells.flatMap((cell) => cell.runs);
  const phases = runs.flatMap((run) => (run.state === 'measured' ? [run.result.phases] : []));
  const mean = (name: string): string =>
    `${name} ${(phases.reduce((sum, each) => sum + (each[name] ?? 0), 0) / phases.length).toFixed(2)} s`;
  const overheads = seconds.slice(0, runs.length);
  return [
    row('a run of a sweep beyond the scenario’s own time', '–', '<= 2 s', overheads, 's', atMost(2), phases, [
      `${runs.length} runs of scenarios/quickstart.yml, 10,000 sessions filled; means: ${['connect', 'prepare', 'fill', 'reconcile'].map(mean).join(', ')}`,
    ]),
  ];
}

/** Of these the server here may lack the commands. */
const NEEDS_NEWER: readonly StoreName[] = ['hash-field'];

async function stores(pairs: number): Promise<Row[]> {
  const rows: Row[] = [];
  const sessions = 200_000;
  for (const of of STORE_NAMES.filter((name) => !NEEDS_NEWER.includes(name))) {
    const profile = storeProfile(usualStore(of));
    const refresh = profile.refreshes.touch ?? profile.refreshes.rewrite!;
    const commands = [...profile.create, ...profile.read, ...refresh].map(({ args }) => args.map(asBenchmark));
    const plain = commands.filter(([name]) => name !== 'MULTI' && name !== 'EXEC');
    const found = await interleaved(
      pairs,
      () => withServer({}, ({ port }) => inChild('store', { port, of, sessions })),
      () =>
        withServer({}, async (endpoint) => {
          const total: Timed = { seconds: 0, cpuSeconds: 0 };
          for (const command of plain) {
            const { seconds, cpuSeconds } = await redisBenchmark(endpoint, sessions, command, sessions);
            total.seconds += seconds;
            total.cpuSeconds += cpuSeconds;
          }
          return total;
        }),
    );
    const ratios = found.map(
      ([ours, theirs]) =>
        number(ours, 'commands') / number(ours, 'seconds') / ((plain.length * sessions) / theirs.seconds),
    );
    const perSecond = spreadOf(found.map(([ours]) => number(ours, 'commands') / number(ours, 'seconds'))).median;
    rows.push(
      row(
        `store ${of}: commands a second`,
        'redis-benchmark, the same commands one after the other',
        'none',
        ratios,
        '×',
        null,
        found,
        [`${commands.length} commands a session, ${Math.round(perSecond)} a second`],
      ),
    );
  }
  return rows;
}

/**
 * Commands of a saturated server, for each second of its processor, while it is sampled and not: by its own INFO, because
 * what else runs on the machine takes wall time from one side and not from the other.
 */
async function sampling(pairs: number): Promise<Row[]> {
  const set = ['SET', `${KEY_STEM}__rand_int__`, PAYLOAD, 'PX', '3600000'];
  const [commands, keys] = [2_000_000, 100_000];
  const once = (everyMs: number | null) => () =>
    withServer({}, async (endpoint) => {
      await redisBenchmark(endpoint, keys, set, keys);
      const sampler = everyMs === null ? null : await startSampler(endpoint, everyMs);
      const before = await serverCpuSeconds(endpoint);
      const { seconds } = await redisBenchmark(endpoint, commands, set, keys);
      const cpuSeconds = (await serverCpuSeconds(endpoint)) - before;
      await sampler?.cutOff();
      return { seconds, cpuSeconds, cost: sampler?.result(0).serverSamples.cost ?? null };
    });
  const found = await interleaved(pairs, once(1_000), once(null));
  const ratios = found.map(([sampled, not]) => not.cpuSeconds / sampled.cpuSeconds);
  const wall = spreadOf(found.map(([sampled, not]) => not.seconds / sampled.seconds));
  const cost = found.map(([{ cost }]) => cost!);
  const us = spreadOf(cost.map(({ infoCalls, infoSeconds }) => (infoSeconds! * 1e6) / infoCalls!)).median;
  return [
    row(
      'commands of a saturated server a second of its processor, sampled once a second',
      'the same, not sampled',
      '>= 0.99',
      ratios,
      '×',
      atLeast(0.99),
      found,
      [
        `by wall time ${wall.median.toFixed(3)} (${wall.min.toFixed(3)} to ${wall.max.toFixed(3)})`,
        `${cost.map(({ samples }) => samples).join(', ')} samples; an INFO takes the server ${us.toFixed(0)} µs`,
      ],
    ),
  ];
}

/**
 * Touches a second while the run is scraped each second and its live page is read, and while it is not: windows of one
 * process on one server, because two servers differ by more than what is sought.
 */
async function watching(cycles: number): Promise<Row[]> {
  const sessions = 1_000_000;
  const watchedAt = 19_847;
  const over = new AbortController();
  const seen = { scrapes: 0, events: 0 };
  const watchers = [scrapeEachSecond(watchedAt, over.signal, seen), readEvents(watchedAt, over.signal, seen)];
  const found = await withServer({}, ({ port }) => inChild('watched', { port, sessions, cycles, watchedAt }));
  over.abort();
  await Promise.all(watchers);
  const ratios = (of: 'wall' | 'processor'): number[] => String(found[of]).split(',').map(Number);
  const processor = spreadOf(ratios('processor'));
  const { mean, error } = meanOf(ratios('wall'));
  return [
    row(
      'touches a second, scraped once a second and with a reader of the live page',
      'the same, neither (windows of one process, ABBA)',
      '>= 0.98',
      ratios('wall'),
      '×',
      atLeast(0.98),
      found,
      [
        `mean ${mean.toFixed(3)} ± ${error.toFixed(3)} (standard error), ${cycles} cycles`,
        `touches for each second of processor time of the harness: ${processor.median.toFixed(3)} (${processor.min.toFixed(3)} to ${processor.max.toFixed(3)})`,
        `${seen.scrapes} scrapes, ${seen.events} pieces of the event stream`,
      ],
    ),
  ];
}

async function scrapeEachSecond(port: number, signal: AbortSignal, seen: { scrapes: number }): Promise<void> {
  while (!signal.aborted) {
    await fetch(`http://127.0.0.1:${port}/metrics`)
      .then((answer) => answer.text())
      .then(() => seen.scrapes++)
      .catch(() => {});
    await delay(1_000, undefined, { signal }).catch(() => {});
  }
}

async function readEvents(port: number, signal: AbortSignal, seen: { events: number }): Promise<void> {
  while (!signal.aborted) {
    try {
      const { body } = await fetch(`http://127.0.0.1:${port}/events`, { signal });
      for await (const _ of body!) seen.events++;
    } catch {
      await delay(500, undefined, { signal }).catch(() => {});
    }
  }
}

async function serverCpuSeconds(endpoint: Endpoint): Promise<number> {
  const control = await connect(endpoint, { name: 'ttlscope' });
  const info = parseInfo(await control.info('cpu'));
  control.disconnect();
  return infoNumber(info, 'used_cpu_user')! + infoNumber(info, 'used_cpu_sys')!;
}

/** An argument as redis-benchmark is given it: a random number of 12 digits where a session's index would be. */
function asBenchmark(arg: Arg): string {
  if (typeof arg === 'string') return arg;
  if ('payload' in arg) return arg.before + PAYLOAD + arg.behind;
  const stem = arg.key ? KEY_STEM + arg.text : arg.text;
  if (!('number' in arg)) return stem;
  if (arg.number === 'index' || arg.number === 'user') return `${stem}__rand_int__`;
  const now = Date.now();
  const value = arg.number === 'ttl' ? 3_600_000 : arg.number === 'now' ? now : now + 3_600_000;
  return stem + String(arg.map ? arg.map(value) : value);
}

/** Each by name: `npm run bench -- --only create-fill,herd`. */
export const FIGURES: Readonly<Record<string, (pairs?: number) => Promise<Row[]>>> = {
  'create-fill': (pairs = PAIRS) => create('fill', pairs),
  'create-arrivals': (pairs = PAIRS) => create('arrivals', pairs),
  'same-keys': (pairs = PAIRS) => sameKeys(pairs),
  touch: (pairs = PAIRS) => touches(pairs),
  herd: (pairs = 7) => herds(pairs),
  'herd-at-the-limit': herdAtTheLimit,
  slip: (pairs = PAIRS) => slips(pairs),
  'ten-million': tenMillion,
  stores: (pairs = PAIRS) => stores(pairs),
  sweep: (pairs = PAIRS) => sweepOverhead(pairs),
  sampling: (pairs = PAIRS) => sampling(pairs),
  watching: (cycles = 16) => watching(cycles),
};
