import type { Redis } from 'ioredis';
import { connect } from '../redis/connect.ts';
import { type Endpoint, printEndpoint } from '../redis/endpoint.ts';
import { flagsMissing, inspect, type Needed, type ServerFacts } from '../redis/inspect.ts';
import { mayHideNew, missingFlags, unionFlags } from '../redis/notify-flags.ts';
import { PROBED_FLAGS, probeEvents } from '../redis/probe-events.ts';
import { applySettings } from '../redis/settings/apply-settings.ts';
import { refuseDangerous } from '../redis/settings/foreign-server.ts';
import { abandonJournal, type Change, isLive, isOf, type Journal, readJournals } from '../redis/settings/journal.ts';
import { type Restored, restoreSettings } from '../redis/settings/restore-settings.ts';
import { isAsAsked } from '../redis/settings/same-value.ts';
import { identify } from '../redis/settings/server-identity.ts';
import { eventsMissing, FLAGS, forbidden, notAllowed } from './settings-refusals.ts';

export interface ServerSettingsOptions {
  /** What the scenario asks for, by name. */
  asked: Readonly<Record<string, string>>;
  endpoint: Endpoint;
  /** The run's name, as in its keys. */
  run: string;
  /** Commands that its stores need. */
  needed: readonly Needed[];
  /** Flags of notify-keyspace-events that it needs of a server such as this. */
  neededFlags: (facts: ServerFacts) => string;
  hasFields: boolean;
  isEmbedded: boolean;
  allowConfig: boolean;
  noConfig: boolean;
  onNote: (line: string) => void;
}

/**
 * The settings of a run's server: an embedded one has them from its start; on another they are set only where that is
 * allowed, and put back; with `noConfig` they are taken as they are.
 */
export class ServerSettings {
  readonly #options: ServerSettingsOptions;
  #journal: Journal | null = null;
  /** What was changed and is to be put back. */
  readonly changed: Change[] = [];
  /** What a reader of the result should know. */
  readonly remarks: string[] = [];

  constructor(options: ServerSettingsOptions) {
    this.#options = options;
  }

  /**
   * Sees that the server is as the run needs it, and says what it is then.
   *
   * @throws {ServerUnusable} when it is not and may not be made so; it is as it was then
   */
  async setUp(redis: Redis): Promise<ServerFacts> {
    const { endpoint, neededFlags, isEmbedded, allowConfig, noConfig } = this.#options;
    let facts = await this.#inspect(redis);
    if (isEmbedded) {
      await redis.config('SET', FLAGS, neededFlags(facts));
      facts = await this.#inspect(redis);
    } else {
      await this.#tellOfKilledRuns(redis);
      if (noConfig) return await this.#takeAsItIs(redis, facts);
      const wanted = this.#wanted(facts);
      refuseDangerous(wanted, facts, endpoint);
      if (facts.config.get !== null) throw forbidden('read', facts.config.get, wanted, endpoint);
      if (Object.keys(wanted).length > 0) {
        if (!allowConfig) throw notAllowed(wanted, facts, endpoint);
        if (facts.config.set !== null) throw forbidden('change', facts.config.set, wanted, endpoint);
        await this.#apply(redis, wanted);
        facts = await this.#inspect(redis);
      }
    }
    this.#tellDifferences(facts);
    return facts;
  }

  /**
   * Puts back what was changed, over a connection of its own, and says what has become of it. Idempotent; never throws:
   * what could not be put back is for `ttlscope restore`.
   */
  async restore(): Promise<void> {
    const journal = this.#journal;
    if (!journal) return;
    this.#journal = null;
    const { endpoint } = this.#options;
    let redis: Redis | null = null;
    try {
      redis = await connect(endpoint, { name: 'ttlscope' });
      const restored = await restoreSettings(redis, journal);
      for (const line of restored.flatMap(describeUnrestored)) this.#remark(line);
    } catch (error) {
      await abandonJournal(journal).catch(() => {});
      this.#remark(
        `the settings could not be put back: ${(error as Error).message}; once it is there: ttlscope restore`,
      );
    } finally {
      redis?.disconnect();
    }
  }

  /** An n that is on but not told of is tried, so that it is neither asked for nor lost when flags are put back. */
  async #inspect(redis: Redis): Promise<ServerFacts> {
    const { endpoint, needed, asked, neededFlags } = this.#options;
    const facts = await inspect(redis, endpoint, needed, Object.keys(asked));
    if (!mayHideNew(facts.notifyFlags) || !neededFlags(facts).includes('n')) return facts;
    const heard = await this.#probe(redis);
    return heard.includes('n') ? { ...facts, notifyFlags: `${facts.notifyFlags}n` } : facts;
  }

  #probe(redis: Redis): Promise<string> {
    const { endpoint, run, hasFields } = this.#options;
    return probeEvents(redis, endpoint, `ttlscope:${run}:`, hasFields);
  }

  /** What is to be changed: settings that are not as asked, and flags that are missing. */
  #wanted(facts: ServerFacts): Record<string, string> {
    const { asked, neededFlags } = this.#options;
    const { settings, notifyFlags } = facts;
    const wanted = Object.entries(asked).filter(([name, value]) => {
      const found = settings[name];
      return found === undefined || !isAsAsked(name, value, found);
    });
    const flags = neededFlags({ ...facts, settings: { ...settings, ...asked } });
    if (missingFlags(notifyFlags, flags) !== '') wanted.push([FLAGS, unionFlags(notifyFlags, flags)]);
    return Object.fromEntries(wanted);
  }

  async #apply(redis: Redis, wanted: Readonly<Record<string, string>>): Promise<void> {
    const { endpoint, run, onNote } = this.#options;
    this.#journal = await applySettings(redis, endpoint, wanted, run);
    this.changed.push(...this.#journal.changes);
    const changes = this.changed.map(({ setting, before, now }) => `${setting} "${before}" → "${now}"`);
    onNote(
      `${printEndpoint(endpoint)}: ${changes.join(', ')}; put back at the end (should ttlscope be killed: ttlscope restore)`,
    );
  }

  /** What the server does not tell is tried on keys of the run's own, where it can be. */
  async #takeAsItIs(redis: Redis, facts: ServerFacts): Promise<ServerFacts> {
    const { endpoint, neededFlags } = this.#options;
    const needed = neededFlags(facts);
    let { notifyFlags } = facts;
    if (facts.config.get !== null) {
      notifyFlags = await this.#probe(redis);
      const untried = missingFlags(PROBED_FLAGS, needed);
      if (untried !== '') {
        notifyFlags += untried;
        this.#remark(
          `whether it has ${untried} of ${FLAGS} could not be tried${untried.includes('e') ? ': without e, an evicted session is lost' : ''}`,
        );
      }
    }
    const missing = missingFlags(notifyFlags, needed);
    if (missing !== '') {
      throw facts.config.get === null
        ? flagsMissing(facts, needed, endpoint)
        : eventsMissing(missing, needed, endpoint);
    }
    this.#tellDifferences(facts);
    return { ...facts, notifyFlags };
  }

  #tellDifferences({ settings }: ServerFacts): void {
    for (const [name, asked] of Object.entries(this.#options.asked)) {
      const found = settings[name];
      if (found === undefined)
        this.#remark(`server.${name}: "${asked}" was asked for; the server does not tell what it has`);
      else if (!isAsAsked(name, asked, found)) {
        this.#remark(`server.${name}: "${asked}" was asked for; the server has "${found}"`);
      }
    }
  }

  async #tellOfKilledRuns(redis: Redis): Promise<void> {
    const { endpoint, onNote } = this.#options;
    const { journals, unreadable } = await readJournals();
    for (const line of unreadable) onNote(line);
    const identity = await identify(redis);
    for (const journal of journals.filter((journal) => isOf(journal, endpoint, identity))) {
      const names = journal.changes.map(({ setting }) => setting).join(', ');
      this.#remark(
        isLive(journal)
          ? `another run (pid ${journal.harness?.pid}) has changed settings of this server: ${names}`
          : `a run that ended without putting them back has left settings of this server changed: ${names}; put them back: ttlscope restore`,
      );
    }
  }

  #remark(line: string): void {
    this.remarks.push(line);
    this.#options.onNote(line);
  }
}

/** For one that is not as it was before. */
function describeUnrestored({ setting, before, now, found, fate, reason }: Restored): string[] {
  switch (fate) {
    case 'put back':
    case 'as before':
      return [];
    case 'changed by others':
      return [`${setting} was set to "${found}" by somebody else during the run, and is left so (before: "${before}")`];
    case 'kept over a restart':
      return [`the server was restarted with ${setting} "${now}", which is left so (before the run: "${before}")`];
    case 'refused':
      return [`${setting} could not be put back to "${before}": ${reason}; try again: ttlscope restore`];
  }
  fate satisfies never;
}
