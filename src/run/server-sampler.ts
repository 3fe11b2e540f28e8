import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { LagHistogram } from '../ledger/lag-histogram.ts';
import { spreadOf } from '../ledger/spread.ts';
import { connect } from '../redis/connect.ts';
import type { Endpoint } from '../redis/endpoint.ts';
import { parseInfo } from '../redis/info.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { SERVER_FIELDS, type ServerField, serverFields } from '../redis/server-fields.ts';
import type { ServerSamples, ServerUse } from '../result/schema.ts';
import type { RunClock } from './run-clock.ts';
import { serverUse } from './server-use.ts';

export const SAMPLE_EVERY_MS = 1_000;
const LAST_LIMIT_MS = 5_000;
const LOST = 'its connection was lost';

export interface ServerSample {
  /** In run time. */
  readonly atMs: number;
  readonly fields: Partial<Record<ServerField, number>>;
  /** INFO commands that the server has executed, and the time they took; asked for at either end of the measurement. */
  readonly info: { calls: number; seconds: number } | null;
}

/**
 * Asks the server for INFO, once a period, and keeps the fields as series: beside the fill, then anew from the start of the
 * measurement to the cut-off, with one sample at each of the two. TIME comes in the same write, so a sample is stamped in
 * the server's clock; not in a transaction, which a server out of memory refuses.
 *
 * A sample is not sent before the last is answered. A connection that is lost is not made anew: it would be taken for
 * somebody else's where connections are counted. The series then say why they ended, and the run goes on.
 */
export class ServerSampler {
  readonly #redis: Redis;
  readonly #db: number;
  readonly #clock: RunClock;
  readonly #everyMs: number;
  readonly #samples: ServerSample[] = [];
  readonly #roundTrip = new LagHistogram();
  #bytes = 0;
  #skipped = 0;
  #waiting = 0;
  #latest: Promise<ServerSample | null> = Promise.resolve(null);
  #first: ServerSample | null = null;
  #last: ServerSample | null = null;
  #timer: NodeJS.Timeout | undefined;
  #ended: string | null = null;
  #closed = false;

  /** @throws {ServerUnusable} when it cannot connect */
  static async open(endpoint: Endpoint, clock: RunClock, everyMs: number): Promise<ServerSampler> {
    return new ServerSampler(await connect(endpoint, { name: 'ttlscope-sampler' }), endpoint.db, clock, everyMs);
  }

  private constructor(redis: Redis, db: number, clock: RunClock, everyMs: number) {
    this.#redis = redis;
    this.#db = db;
    this.#clock = clock;
    this.#everyMs = everyMs;
    redis.once('end', () => this.#end(LOST));
  }

  /** Samples from now on, before the measurement. */
  start(): void {
    void this.#take(false);
    this.#beat();
  }

  /** The measurement starts: a sample now, and one a period from here. */
  measure(): void {
    void this.#take(true).then((sample) => {
      this.#first = sample;
    });
    this.#beat();
  }

  /** The last sample, at the cut-off. Resolves when it is there, or will not be: at most 5 s. */
  async cutOff(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#closed) {
      const over = new AbortController();
      const limit = delay(LAST_LIMIT_MS, null, { signal: over.signal }).catch(() => null);
      this.#last = await Promise.race([this.#take(true), limit]);
      over.abort();
      if (!this.#last) this.#end('no answer at the cut-off');
    }
    this.close();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#redis.disconnect();
  }

  /** The latest fields; `null`: none yet. */
  get latest(): Partial<Record<ServerField, number>> | null {
    return this.#samples.at(-1)?.fields ?? null;
  }

  /** @param startMs of the measurement, in run time */
  result(startMs: number): { serverSamples: ServerSamples; serverUse: ServerUse } {
    const samples = this.#samples;
    const names = Object.keys(SERVER_FIELDS) as ServerField[];
    const told = names.filter((name) => samples.some(({ fields }) => fields[name] !== undefined));
    const [from, to] = [this.#first?.info, this.#last?.info];
    return {
      serverUse: serverUse(samples, this.#first, this.#last),
      serverSamples: {
        everySeconds: this.#everyMs / 1000,
        atSeconds: samples.map(({ atMs }) => (atMs - startMs) / 1000),
        series: Object.fromEntries(told.map((name) => [name, samples.map(({ fields }) => fields[name] ?? null)])),
        cost: {
          samples: samples.length,
          skipped: this.#skipped,
          roundTripSeconds: spreadOf(this.#roundTrip),
          bytes: this.#bytes,
          infoCalls: from && to ? to.calls - from.calls : null,
          infoSeconds: from && to ? to.seconds - from.seconds : null,
        },
        ended: this.#ended,
      },
    };
  }

  #beat(): void {
    clearInterval(this.#timer);
    if (this.#closed) return;
    this.#timer = setInterval(() => {
      if (this.#waiting > 0) this.#skipped++;
      else void this.#take(false);
    }, this.#everyMs);
  }

  /** A sample when those before it are answered; `null` where there is none. Never rejects. */
  #take(isEdge: boolean): Promise<ServerSample | null> {
    this.#waiting++;
    this.#latest = this.#latest.then(async () => {
      const sample = await this.#ask(isEdge);
      this.#waiting--;
      return sample;
    });
    return this.#latest;
  }

  async #ask(isEdge: boolean): Promise<ServerSample | null> {
    if (this.#closed) return null;
    const asking = this.#redis.pipeline().time().info();
    if (isEdge) asking.info('commandstats');
    const sentMonoMs = monotonicMs();
    const replies = await asking.exec().catch(() => null);
    if (!replies || this.#closed) return null;
    // The server may refuse for a while, as in a long script.
    if (replies.some(([error]) => error !== null)) {
      this.#skipped++;
      return null;
    }
    const [[seconds, microseconds], text, stats = ''] = replies.map(([, reply]) => reply) as [
      [string, string],
      string,
      string?,
    ];
    this.#roundTrip.record(Math.round((monotonicMs() - sentMonoMs) * 1000));
    this.#bytes += Buffer.byteLength(text) + Buffer.byteLength(stats);
    const sample = {
      atMs: this.#clock.fromServer(Number(seconds) * 1000 + Number(microseconds) / 1000),
      fields: serverFields(parseInfo(text), this.#db),
      info: infoCommands(stats),
    };
    this.#samples.push(sample);
    return sample;
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.#ended = reason;
    this.close();
  }
}

function infoCommands(commandstats: string): ServerSample['info'] {
  const [, calls, usec] = /^cmdstat_info:calls=(\d+),usec=(\d+)/m.exec(commandstats) ?? [];
  return calls === undefined ? null : { calls: Number(calls), seconds: Number(usec) / 1e6 };
}
