/**
 * A run, told as a state machine:
 *
 *     connect ──► check ──► prepare ──► fill ──► measure ──► cut off ──► reconcile ──► clean up ──► result
 *                   │                     └────────┴── a signal, or a server that ended: cut off at once
 *                   └─────────┴── ServerUnusable: nothing is left on the server, its settings are as they were
 *
 * - connect: an embedded server is started where no URL was given; the control connection opens
 * - check: what the server is, what it can and what it forbids; it must send the events that the scenario needs. Settings
 *   are changed where that is allowed
 * - prepare: learn the server's clock, open the write lane, subscribe, try how long the fill takes and what a session
 *   weighs, open the sampler; then the pulse begins
 * - fill: sessions that are there from the start; their TTLs count from the start of the measurement
 * - measure: arrivals, visits, canaries; a pulse of fences all along; then the scenario's `cutoff` is waited out
 * - cut off: one fence with INFO, and the sampler's last sample. What was heard before it counts; outcomes are judged as of it
 * - reconcile: every session without an end is read, paced by fences; what fires now was in memory at the cut-off
 * - clean up: what is left is deleted by index, settings are put back, an embedded server ends
 *
 * Once `fill` has begun a result comes out whatever happens; in it the sums hold and the verdict says what happened.
 */
import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { forecast } from '../forecast/forecast.ts';
import { LagHistogram } from '../ledger/lag-histogram.ts';
import { Ledger } from '../ledger/ledger.ts';
import { NEVER_MS } from '../ledger/rows.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { planScenario, type Segment } from '../load/plan.ts';
import { SLOW_SUBSCRIBER_FLAGS, SlowSubscribers } from '../load/slow-subscribers.ts';
import { WriteLane } from '../load/write-lane.ts';
import { Observer } from '../observe/observer.ts';
import type { ObservedEvent } from '../observe/protocol.ts';
import { ServerClock, sampleClock } from '../redis/clock.ts';
import { connect } from '../redis/connect.ts';
import { explainFailure } from '../redis/connect-failure.ts';
import { dropsPast } from '../redis/drops-past.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../redis/embedded-server.ts';
import { type Endpoint, parseEndpoint, printEndpoint } from '../redis/endpoint.ts';
import type { ServerFacts } from '../redis/inspect.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { NO_RUN } from '../redis/permissions.ts';
import { readsDelete } from '../redis/reads-delete.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import { settingBytes } from '../redis/settings/same-value.ts';
import { identify } from '../redis/settings/server-identity.ts';
import type { Result } from '../result/schema.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { neededBy } from '../stores/commands.ts';
import { storeProfile } from '../stores/index.ts';
import { buildResult } from './build-result.ts';
import { capacityOf, megabytes } from './capacity.ts';
import { cleanUp } from './clean-up.ts';
import { feedOf } from './feed-of.ts';
import { FieldWatch } from './field-watch.ts';
import type { LifeRow } from './life-row.ts';
import { LOOP_DELAY_PERIOD_MS } from './loop-delay.ts';
import type { PhaseName, ProgressStatus } from './progress-status.ts';
import { Pulse } from './pulse.ts';
import { reconcile } from './reconcile.ts';
import { RunClock } from './run-clock.ts';
import type { RunFeed, RunWatcher } from './run-feed.ts';
import { RunKeys } from './run-keys.ts';
import { runLengthMs } from './run-length.ts';
import type { Standing } from './run-status.ts';
import { RunWatch } from './run-watch.ts';
import { SAMPLE_EVERY_MS, ServerSampler } from './server-sampler.ts';
import { ServerSettings } from './server-settings.ts';
import { fillTimeMs, type Trial, tryServer } from './trial.ts';

export interface RunOptions {
  /** `redis://`, `rediss://` or `unix://` URL. (Default: an embedded server) */
  redis?: string;
  /** Binary of the embedded server. (Default: redis-server or valkey-server from PATH) */
  redisServer?: string;
  /** The share of the plan to run. (Default: 1 of 1, all of it) */
  segment?: Segment;
  /** Aborting cuts off at once; the result is then marked `aborted` with the signal's reason. */
  signal?: AbortSignal;
  /** Run a plan that needs more than 80% of the machine's memory. (Default: false) */
  yes?: boolean;
  /** How often the server is asked for INFO. (Default: 1000) */
  sampleEveryMs?: number;
  /** Change settings of a server that is not embedded, and put them back. (Default: false) */
  allowConfig?: boolean;
  /** Take the settings of such a server as they are, and do without CONFIG. (Default: false) */
  noConfig?: boolean;
  /** What was typed, for the result. */
  command?: string;
  onProgress?: (status: ProgressStatus) => void;
  /** Is shown the run's accounts while it lasts. */
  watcher?: RunWatcher;
  /** A line worth telling while it runs: where the embedded server listens, for example. */
  onNote?: (line: string) => void;
  /** Called for each life, after the reconciliation. */
  onLife?: (life: LifeRow) => void | Promise<void>;
}

/** Control, write lane, subscription and sampler. */
const OWN_CONNECTIONS = 4;
const PROGRESS_EVERY_MS = 250;
const CLOCK_EVERY_MS = 1_000;
const START_MARGIN_MS = 300;
const UNHEARD = 'what was published on a channel of our own was not heard within 10 s';
const UNHEARD_REMEDY = 'is it stopped, in a long script, or behind a proxy that does not pass messages on?';
const FENCE_LIMIT_MS = 30_000;
const REOPEN_LIMIT_MS = 10_000;
const REOPEN_EVERY_MS = 200;

/** What is open during a run, for closing whatever happens. */
interface Open {
  slow: SlowSubscribers | null;
  server: EmbeddedServer | null;
  control: Redis | null;
  observer: Observer | null;
  lane: WriteLane | null;
  pulse: Pulse | null;
  sampler: ServerSampler | null;
  settings: ServerSettings | null;
  watch: RunWatch | null;
  timers: NodeJS.Timeout[];
  /** Aborted when the run is over: what opens only now is closed at once. */
  over: AbortController;
}

/**
 * Runs a scenario against a server and accounts for every session.
 *
 * @returns the result; its `verdict` says whether the figures can be trusted
 * @throws {ServerUnusable} when the server cannot be reached or used; nothing was left on it
 */
export async function run(scenario: Scenario, options: RunOptions = {}): Promise<Result> {
  const open: Open = {
    slow: null,
    server: null,
    control: null,
    observer: null,
    lane: null,
    pulse: null,
    sampler: null,
    settings: null,
    watch: null,
    timers: [],
    over: new AbortController(),
  };
  try {
    return await new Run(scenario, options, open).result();
  } finally {
    open.over.abort();
    for (const timer of open.timers) clearInterval(timer);
    open.watch?.close();
    open.pulse?.stop();
    open.sampler?.close();
    open.lane?.close();
    open.slow?.close();
    await open.observer?.stop();
    await open.settings?.restore();
    open.control?.disconnect();
    await open.server?.stop();
  }
}

class Run {
  readonly #scenario: Scenario;
  readonly #options: RunOptions;
  readonly #open: Open;
  readonly #segment: Segment;
  readonly #startedAt = new Date();
  readonly #beganAt = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #phases: Partial<Record<PhaseName, number>> = {};
  #phase: PhaseName = 'connect';
  #phaseBeganAt = performance.now();
  /** When each was entered, by the monotonic clock. */
  readonly #phaseLog: { phase: PhaseName; atMonoMs: number }[] = [];
  #cutOffMs: number | null = null;
  /** When the phase should end, by performance.now(); `null`: not known. */
  #phaseEndsAt: number | null = null;
  /** Ends the load: a signal of the user's, or the server's end. */
  readonly #stop = new AbortController();
  #serverEnded: string | null = null;
  readonly #laneCuts: string[] = [];
  /** Done when the lane that was lost is there again, or given up. */
  #reopening: Promise<void> = Promise.resolve();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_PERIOD_MS });

  constructor(scenario: Scenario, options: RunOptions, open: Open) {
    this.#scenario = scenario;
    this.#options = options;
    this.#open = open;
    this.#loopDelay.enable();
    this.#segment = options.segment ?? { index: 1, of: 1 };
    const { signal } = options;
    if (signal?.aborted) this.#stop.abort(signal.reason);
    // The signal may outlive many runs.
    signal?.addEventListener('abort', () => this.#stop.abort(signal.reason), { signal: open.over.signal });
  }

  async result(): Promise<Result> {
    const { endpoint, control } = await this.#connect();
    this.#enter('check');
    const runName = randomBytes(4).toString('hex');
    const settings = this.#settingsOf(endpoint, runName);
    this.#open.settings = settings;
    const facts = await settings.setUp(control);
    this.#enter('prepare');
    const plan = planScenario(this.#scenario, this.#segment);
    const keys = new RunKeys(runName, this.#segment, plan.sessionsOfAll);
    const rules = {
      tellsNew: facts.notifyFlags.includes('n') && facts.supports.newEvent,
      dropsPast: await dropsPast(control, keys.checked(0), endpoint.db),
    };
    // A deadline that is dropped as past is so from the very ms on.
    const leastLagMs = rules.dropsPast ? 0 : facts.leastLagMs;
    const cohorts = this.#scenario.cohorts.length;
    const ledger = new Ledger(plan.sessions, cohorts, { ...rules, leastLagMs }, runLengthMs(this.#scenario));
    const clock = await this.#learnClock(control, endpoint);
    const { runId } = await identify(control);
    const lane = await usable(
      WriteLane.open(endpoint, (reason) => {
        this.#reopening = this.#laneCut(reason, endpoint, runId);
      }),
      endpoint,
    );
    this.#open.lane = lane;
    let load: OpenLoop | null = null;
    const isField = this.#areFields();
    const fieldWatch = isField.includes(true)
      ? new FieldWatch(ledger, isField, leastLagMs, await readsDelete(control, keys.checked(0)))
      : null;
    const pulse = new Pulse({
      ledger,
      lane,
      clock,
      keys,
      db: endpoint.db,
      ownConnections: OWN_CONNECTIONS + this.#scenario.slowSubscribers,
      created: () => load?.created ?? 0,
      canPexpiretime: facts.supports.pexpiretime,
      leastLagMs,
      fieldWatch,
    });
    this.#open.pulse = pulse;
    this.#reportProgress(plan.sessions, ledger, pulse, () => load);
    const observer = await this.#observe(endpoint, keys, pulse, isField.includes(true));
    const trial = await tryServer({
      scenario: this.#scenario,
      rules: { ...rules, leastLagMs },
      lane,
      clock,
      keys,
      canPexpiretime: facts.supports.pexpiretime,
      reopened: () => this.#reopening,
    });
    this.#checkCapacity(trial, facts, endpoint);
    const sampler = await ServerSampler.open(endpoint, clock, this.#options.sampleEveryMs ?? SAMPLE_EVERY_MS);
    this.#open.sampler = sampler;
    const fillMs = fillTimeMs(this.#scenario, trial) / this.#segment.of;
    // After the trial, of which they would be told as well.
    const slow = await usable(SlowSubscribers.open(endpoint, this.#scenario.slowSubscribers), endpoint);
    this.#open.slow = slow;
    if (!(await pulse.start())) throw new ServerUnusable(`${printEndpoint(endpoint)}: ${UNHEARD}`, UNHEARD_REMEDY);
    const startMs = clock.nowMs() + START_MARGIN_MS + fillMs;
    ledger.measuredFromMs = startMs;
    load = new OpenLoop({
      scenario: this.#scenario,
      plan,
      segment: this.#segment,
      ledger,
      lane,
      clock,
      prefix: keys.prefix,
      canPexpiretime: facts.supports.pexpiretime,
      startMs,
      beat: () => pulse.beat(),
    });

    const feed = feedOf({
      run: runName,
      scenario: this.#scenario,
      endpoint,
      facts,
      clock,
      plan,
      ledger,
      pulse,
      load,
      trial,
    });
    this.#watch(feed, observer, { facts, clock, ledger, pulse, sampler, load, startMs });

    this.#enter('fill', startMs - clock.nowMs());
    sampler.start();
    await load.fill(this.#stop.signal);
    await this.#wait(startMs - clock.nowMs());

    this.#enter('measure', startMs + this.#scenario.durationMs + this.#scenario.cutoffMs - clock.nowMs());
    sampler.measure();
    pulse.canaries.start();
    await load.run(this.#stop.signal);
    await this.#wait(startMs + this.#scenario.durationMs + this.#scenario.cutoffMs - clock.nowMs());

    this.#enter('cut off');
    load.stop();
    pulse.stop();
    const cutOffMs = await this.#cutOff(ledger, lane, pulse, clock);
    this.#cutOffMs = cutOffMs;
    await sampler.cutOff();
    const heldForSlow = await slow.held(this.#open.control!);
    slow.close();

    this.#enter('reconcile');
    await reconcile({ ledger, load, lane, fences: pulse.fences });
    const observerReport = await observer.report().catch(() => null);

    this.#enter('clean up');
    // An embedded server takes its keys with it.
    if (!this.#open.server) {
      await this.#reopening;
      const canaryKeys = pulse.canaries.keysLeft();
      await cleanUp({ scenario: this.#scenario, plan, ledger, keys, lane, clock, canaryKeys });
    }
    await settings.restore();
    await this.#tellLives(ledger, keys, clock);
    this.#enter('clean up');
    return buildResult({
      run: runName,
      command: this.#options.command ?? null,
      scenario: this.#scenario,
      segment: this.#segment,
      startedAt: this.#startedAt,
      phases: this.#phases,
      endpoint: printEndpoint(endpoint),
      embedded: this.#open.server !== null,
      facts,
      changed: settings.changed,
      settingsRemarks: settings.remarks,
      plan,
      indexOf: keys.indexOf.bind(keys),
      ledger,
      clock,
      pulse,
      sampler,
      load,
      observerReport,
      mainLoopDelay: this.#loopDelay,
      processorShare: this.#processorShare(),
      startMs,
      cutOffMs,
      overheadBytes: trial.overheadBytes,
      serverEnded: this.#serverEnded,
      heldForSlow,
      laneCuts: this.#laneCuts,
      aborted: this.#options.signal?.aborted ? String(this.#options.signal.reason) : null,
    });
  }

  #processorShare(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1000 / (performance.now() - this.#beganAt);
  }

  #enter(phase: PhaseName, lastsMs: number | null = null): void {
    const now = performance.now();
    this.#phases[this.#phase] = (this.#phases[this.#phase] ?? 0) + (now - this.#phaseBeganAt) / 1000;
    this.#phase = phase;
    this.#phaseBeganAt = now;
    this.#phaseEndsAt = lastsMs === null ? null : now + lastsMs;
    this.#phaseLog.push({ phase, atMonoMs: monotonicMs() });
    this.#open.watch?.tell();
  }

  async #connect(): Promise<{ endpoint: Endpoint; control: Redis }> {
    const { redis, redisServer } = this.#options;
    let endpoint: Endpoint;
    if (redis === undefined) {
      const server = await startEmbeddedServer({
        ...(redisServer !== undefined && { binary: redisServer }),
        settings: this.#scenario.server,
        signal: this.#stop.signal,
      });
      this.#open.server = server;
      void server.exited.then(({ reason }) => this.#end(reason));
      endpoint = server.endpoint;
      this.#options.onNote?.(`embedded ${server.binary} at ${printEndpoint(endpoint)}, pid ${server.pid}`);
    } else {
      endpoint = parseEndpoint(redis);
    }
    const control = await connect(endpoint, { name: 'ttlscope' });
    this.#open.control = control;
    return { endpoint, control };
  }

  /** The server can no longer be measured. */
  #end(reason: string): void {
    this.#serverEnded ??= reason;
    this.#stop.abort(reason);
  }

  #settingsOf(endpoint: Endpoint, runName: string): ServerSettings {
    const { allowConfig = false, noConfig = false, onNote = () => {} } = this.#options;
    const stores = this.#scenario.cohorts.map(({ store }) => store);
    return new ServerSettings({
      asked: this.#scenario.server,
      endpoint,
      run: runName,
      needed: neededBy(stores, NO_RUN),
      neededFlags: (facts) => this.#neededFlags(facts),
      hasFields: this.#areFields().includes(true),
      isEmbedded: this.#open.server !== null,
      allowConfig,
      noConfig,
      onNote,
    });
  }

  /** E and x always; e where something can be evicted; n (7.0) where a rewrite may create a key anew; h for fields. */
  #neededFlags(facts: ServerFacts): string {
    const policy = facts.settings['maxmemory-policy'] ?? 'noeviction';
    const evicts = settingBytes(facts.settings.maxmemory ?? '0') !== 0 && policy !== 'noeviction';
    const rewrites = this.#scenario.cohorts.some(({ refresh }) => refresh.kind === 'rewrite');
    const hasFields = this.#areFields().includes(true);
    const slow = this.#scenario.slowSubscribers > 0 ? SLOW_SUBSCRIBER_FLAGS : '';
    return `Ex${hasFields ? 'h' : ''}${evicts || this.#open.server ? 'e' : ''}${rewrites && facts.supports.newEvent ? 'n' : ''}${slow}`;
  }

  async #learnClock(control: Redis, endpoint: Endpoint): Promise<RunClock> {
    const server = new ServerClock();
    await sampleClock(control, server, 20);
    this.#open.timers.push(setInterval(() => void this.#sampleClock(server, endpoint), CLOCK_EVERY_MS));
    return new RunClock(server);
  }

  /** One more reading; a control connection that was lost is made anew for the next. */
  async #sampleClock(clock: ServerClock, endpoint: Endpoint): Promise<void> {
    const { control } = this.#open;
    try {
      await sampleClock(control!, clock);
    } catch {
      if (this.#open.control !== control || control?.status !== 'end') return;
      const anew = await connect(endpoint, { name: 'ttlscope' }).catch(() => null);
      if (anew && this.#open.control === control && !this.#open.over.signal.aborted) this.#open.control = anew;
      else anew?.disconnect();
    }
  }

  async #observe(endpoint: Endpoint, keys: RunKeys, pulse: Pulse, hasFields: boolean): Promise<Observer> {
    const events: ObservedEvent[] = ['expired', 'evicted', 'new', ...(hasFields ? (['hexpired'] as const) : [])];
    const starting = Observer.start(
      { nodes: [{ endpoint }], keyPrefix: keys.prefix, events },
      {
        events: (batch) => pulse.events(batch),
        cut: (node, _atMonoMs, reason) => pulse.cut(node, reason),
        restored: (node, atMonoMs) => pulse.restored(node, atMonoMs),
      },
    );
    const observer = await usable(starting, endpoint);
    this.#open.observer = observer;
    return observer;
  }

  /** The write lane was lost: an embedded server has ended; another one gets some time to come back as it was. */
  async #laneCut(reason: string, endpoint: Endpoint, runId: string | null): Promise<void> {
    this.#laneCuts.push(reason);
    const { server, lane } = this.#open;
    if (server || this.#phase === 'clean up') return this.#end(reason);
    const until = performance.now() + REOPEN_LIMIT_MS;
    while (performance.now() < until && !this.#stop.signal.aborted && !this.#open.over.signal.aborted) {
      try {
        const control = await connect(endpoint, { name: 'ttlscope' });
        this.#open.control?.disconnect();
        this.#open.control = control;
        if (this.#open.over.signal.aborted) return control.disconnect();
        if ((await identify(control)).runId !== runId) return this.#end(`${reason}; it was restarted`);
        await lane!.reopen();
        if (this.#open.over.signal.aborted) lane!.close();
        return;
      } catch {
        await delay(REOPEN_EVERY_MS);
      }
    }
    this.#end(reason);
  }

  /** Refuses a plan that is too large for the memory here, unless told to go on; tells what else may not fit. */
  #checkCapacity(trial: Trial, facts: ServerFacts, endpoint: Endpoint): void {
    const { onNote, yes } = this.#options;
    const capacity = capacityOf(forecast(this.#scenario), trial, facts, endpoint);
    for (const note of capacity.notes) onNote?.(note);
    if (!capacity.isTooLarge || yes) return;
    const { serverBytes, harnessBytes, machineBytes } = capacity;
    throw new ServerUnusable(
      `${printEndpoint(endpoint)}: the plan needs about ${megabytes(serverBytes)} on the server and ` +
        `${megabytes(harnessBytes)} here, more than 80% of the ${megabytes(machineBytes)} of this machine`,
      'make it smaller, or run it all the same with --yes',
    );
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0 || this.#stop.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#stop.signal.addEventListener('abort', finish);
    });
  }

  /**
   * The cut-off's time. A connection that is being made anew is waited for; without a fence, because the server or the
   * subscription is gone, it is now.
   */
  async #cutOff(ledger: Ledger, lane: WriteLane, pulse: Pulse, clock: RunClock): Promise<number> {
    const until = performance.now() + REOPEN_LIMIT_MS;
    while (this.#serverEnded === null) {
      const fence = await pulse.fences.send({
        info: true,
        limitMs: FENCE_LIMIT_MS,
        onHeard: ({ publishedMs }) => ledger.cutOff(publishedMs),
      });
      if (fence) return fence.publishedMs;
      if (performance.now() > until) break;
      await delay(REOPEN_EVERY_MS);
    }
    if (!lane.up) this.#end('it did not answer at the cut-off');
    const nowMs = clock.nowMs();
    pulse.blind(pulse.fences.lastPublishedMs, this.#serverEnded ?? 'the fence of the cut-off was not heard');
    if (lane.inFlight > 0) {
      this.#laneCuts.push('it did not answer at the cut-off');
      lane.close();
    }
    ledger.fence(lane.sent);
    ledger.cutOff(nowMs);
    return nowMs;
  }

  /** Of each cohort, whether its sessions are fields of a hash. */
  #areFields(): boolean[] {
    return this.#scenario.cohorts.map(({ store }) => storeProfile(store).hash !== undefined);
  }

  async #tellLives(ledger: Ledger, keys: RunKeys, clock: RunClock): Promise<void> {
    const { onLife } = this.#options;
    if (!onLife) return;
    const isField = this.#areFields();
    for (const { row, cohort, deadlineMs, outcome, cause, endedMs, ambiguous } of ledger.lives()) {
      if (outcome === null) continue;
      const heard = outcome === 'expired' || outcome === 'evicted_early' || outcome === 'evicted_stale';
      await onLife({
        key: isField[cohort] ? keys.field(keys.indexOf(row)) : keys.session(keys.indexOf(row)),
        cohort: this.#scenario.cohorts[cohort]!.name,
        deadlineMs: outcome === 'refused' || deadlineMs === NEVER_MS ? null : deadlineMs + clock.epochMs,
        outcome,
        cause: cause === 'none' ? null : cause,
        heardMs: heard ? endedMs! + clock.epochMs : null,
        lagMs: outcome === 'expired' ? endedMs! - deadlineMs : null,
        ambiguous,
      });
    }
  }

  #watch(
    feed: RunFeed,
    observer: Observer,
    parts: Pick<Standing, 'facts' | 'clock' | 'ledger' | 'pulse' | 'sampler' | 'load' | 'startMs'>,
  ): void {
    const { watcher } = this.#options;
    if (!watcher) return;
    this.#open.watch = new RunWatch(watcher, feed, observer, () => {
      const now = performance.now();
      return {
        ...parts,
        scenario: this.#scenario,
        phase: this.#phase,
        phases: this.#phaseLog.map(({ phase, atMonoMs }) => ({ phase, atMs: parts.clock.fromMono(atMonoMs) })),
        elapsedMs: now - this.#beganAt,
        remainingMs: this.#phaseEndsAt === null ? null : Math.max(0, this.#phaseEndsAt - now),
        cutOffMs: this.#cutOffMs,
        mainLoopDelay: this.#loopDelay,
        processorShare: this.#processorShare(),
        serverEnded: this.#serverEnded,
        laneCuts: this.#laneCuts,
      };
    });
  }

  #reportProgress(planned: number, ledger: Ledger, pulse: Pulse, load: () => OpenLoop | null): void {
    const { onProgress } = this.#options;
    if (!onProgress) return;
    const report = (): void => {
      const now = performance.now();
      const heard = pulse.series.heard.at(-1) ?? 0;
      const stale = pulse.series.stale.at(-1) ?? 0;
      onProgress({
        phase: this.#phase,
        elapsedMs: now - this.#beganAt,
        remainingMs: this.#phaseEndsAt === null ? null : Math.max(0, this.#phaseEndsAt - now),
        planned,
        created: load()?.created ?? 0,
        due: heard + stale,
        heard,
        stale,
        ...lagSoFar(ledger),
      });
    };
    this.#open.timers.push(setInterval(report, PROGRESS_EVERY_MS));
  }
}

/** What keeps a connection from being made, as a cause and a remedy. */
async function usable<T>(opening: Promise<T>, endpoint: Endpoint): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw explainFailure(error, endpoint);
  }
}

/** Of the sessions that fell due so far, counting the delivered only: a glance, not a finding. */
function lagSoFar(ledger: Ledger): { lagP50Ms: number | null; lagMaxMs: number | null } {
  const heard = new LagHistogram();
  for (const { lag } of ledger.tallies) {
    heard.add(lag.cycle);
    heard.add(lag.command);
  }
  const medianUs = heard.percentileUs(50);
  return {
    lagP50Ms: medianUs === null ? null : medianUs / 1000,
    lagMaxMs: heard.maxUs === null ? null : heard.maxUs / 1000,
  };
}
