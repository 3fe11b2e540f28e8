import type { ClientFields } from '../redis/client-list.ts';
import type { Endpoint } from '../redis/endpoint.ts';
import { callsOf, expiresInAll, infoNumber } from '../redis/info.ts';
import { printRedisCli } from '../redis/redis-cli.ts';
import type { ConfigFile } from './config-file.ts';

export type Info = ReadonlyMap<string, string>;

/** What was asked, or in the server's own words why it does not tell, and what its administrator types to let it. */
export type Told<T> = { value: T } | { refusal: string; commands?: readonly string[] };

/** What the server does not tell, so that a rule that needs it can say neither that all is well nor that it is not. */
export class Untold extends Error {
  override readonly name = 'Untold';
  /** To be typed, by whoever may, so that it is told. */
  readonly commands: readonly string[];

  constructor(reason: string, commands: readonly string[] = []) {
    super(reason);
    this.commands = commands;
  }
}

export interface Asked {
  endpoint: Endpoint;
  engine: string;
  version: string;
  /** INFO of two looks, and how long they are apart. */
  before: Info;
  now: Info;
  seconds: number;
  /** Of CONFIG GET, by name; a setting that the server does not have is not in it. */
  settings: Told<ReadonlyMap<string, string>>;
  /** Its subscribers; where somebody scans, all its connections. */
  clients: Told<readonly ClientFields[]>;
  /** Who has subscribed to the expired events of the endpoint's database by name, and how many patterns there are. */
  subscribers: Told<{ expired: number; patterns: number }>;
  configFile: ConfigFile;
}

/** All that the rules judge by. What a server does not tell throws `Untold`, never reads as zero. */
export class Facts {
  readonly endpoint: Endpoint;
  readonly engine: string;
  readonly version: string;
  readonly now: Info;
  /** Between the two looks. */
  readonly seconds: number;
  readonly configFile: ConfigFile;
  readonly #asked: Asked;

  constructor(asked: Asked) {
    this.endpoint = asked.endpoint;
    this.engine = asked.engine;
    this.version = asked.version;
    this.now = asked.now;
    this.seconds = asked.seconds;
    this.configFile = asked.configFile;
    this.#asked = asked;
  }

  /** A number that INFO has. */
  number(field: string): number {
    return numberIn(this.now, field);
  }

  /** A number that INFO has only where it applies: `0` where there is none. */
  count(field: string): number {
    return infoNumber(this.now, field) ?? 0;
  }

  text(field: string): string {
    return this.now.get(field) ?? untold(`INFO has no ${field}`);
  }

  /** By how much a number in INFO has grown between the looks; negative where it fell. */
  growth(field: string): number {
    return this.growthOf((info) => numberIn(info, field));
  }

  /** By how much something that is worked out of INFO has grown between the looks. */
  growthOf(figure: (info: Info) => number): number {
    return figure(this.now) - figure(this.#asked.before);
  }

  /** By how much a counter in INFO has grown between the looks; since CONFIG RESETSTAT, if that came meanwhile. */
  increase(field: string): number {
    return this.increaseOf((info) => numberIn(info, field));
  }

  /** The same of a counter that is worked out of INFO. */
  increaseOf(counter: (info: Info) => number): number {
    const grown = this.growthOf(counter);
    return grown < 0 ? counter(this.now) : grown;
  }

  /** Calls of a command between the looks. */
  callsSince(command: string): number {
    // An INFO of ours is counted, if commands are.
    if (callsOf(this.now, 'info') === 0) untold('INFO has no commandstats');
    return this.increaseOf((info) => callsOf(info, command));
  }

  /** A setting as CONFIG GET has it; `null`: the server has none of that name. */
  setting(name: string): string | null {
    return toldValue(this.#asked.settings).get(name) ?? null;
  }

  /** A setting that every server has for which the rule is meant. */
  settingOf(name: string): string {
    return this.setting(name) ?? untold(`${this.engine} ${this.version} has no setting ${name}`);
  }

  get clients(): readonly ClientFields[] {
    return toldValue(this.#asked.clients);
  }

  get subscribers(): { expired: number; patterns: number } {
    return toldValue(this.#asked.subscribers);
  }

  /** Keys that have a TTL, in all databases. */
  get keysWithTtl(): number {
    return expiresInAll(this.now);
  }

  /** Whether a full memory lets it delete keys before their deadline. */
  get evicts(): boolean {
    return this.number('maxmemory') > 0 && this.text('maxmemory_policy') !== 'noeviction';
  }

  /** The redis-cli call of a command, for a shell. */
  cli(...command: readonly string[]): string {
    return printRedisCli({ ...this.endpoint, db: 0 }, command);
  }

  /** Whether it is a replica: it expires nothing by itself. */
  get isReplica(): boolean {
    return this.text('role') === 'slave';
  }
}

/** What is read, or `null` where the server does not tell. */
export function ifTold<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Untold) return null;
    throw error;
  }
}

function numberIn(info: Info, field: string): number {
  return infoNumber(info, field) ?? untold(`INFO has no ${field}`);
}

function toldValue<T>(told: Told<T>): T {
  if ('value' in told) return told.value;
  throw new Untold(told.refusal, told.commands);
}

function untold(reason: string): never {
  throw new Untold(reason);
}
