import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { History } from './history.ts';
import type { HistoryMessage, RowMessage } from './live-messages.ts';
import type { LivePoint, LiveState } from './live-point.ts';

/** Unread by a client, after which it is left: it has the history when it comes again. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
/** An event and not a comment, which a page does not see: it takes two that are missing for a connection that is lost. */
const HEARTBEAT_EVERY_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * A run as server-sent events (HTML Standard, section 9.2): `history` once, then `row` and `state` as they come. A client
 * that lost its connection names the last id that it has, and gets what it lacks; where rows were put together since,
 * the whole history.
 */
export class EventStream {
  readonly #history: History;
  readonly #clients = new Set<ServerResponse>();
  readonly #heartbeat: NodeJS.Timeout;
  /** A page may outlive a run, and find the next one in its place. */
  readonly #name = randomBytes(4).toString('hex');
  #state: string | null = null;
  #points = 0;
  /** Of each row, the number of points when it was last changed. */
  #changedAt: number[] = [];

  constructor(history = new History()) {
    this.#history = history;
    this.#heartbeat = setInterval(() => this.#send(message('heartbeat', null)), HEARTBEAT_EVERY_MS);
  }

  /** @param lastId of the header Last-Event-ID */
  attach(response: ServerResponse, lastId: string | undefined): void {
    response.write(`retry: ${RETRY_MS}\n\n`);
    for (const message of this.#missedSince(lastId)) response.write(message);
    if (this.#state !== null) response.write(this.#state);
    this.#clients.add(response);
    response.on('error', () => {});
    response.once('close', () => this.#clients.delete(response));
  }

  point(point: LivePoint): void {
    const { compactions } = this.#history;
    this.#history.add(point);
    this.#points++;
    const { length } = this.#history.rows;
    const isNew = this.#history.compactions === compactions;
    if (!isNew) this.#changedAt = new Array(length).fill(this.#points);
    this.#changedAt[length - 1] = this.#points;
    this.#send(isNew ? this.#row(length - 1) : this.#all());
  }

  state(state: LiveState): void {
    this.#state = message('state', state);
    this.#send(this.#state);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.end();
  }

  #missedSince(lastId: string | undefined): string[] {
    const [name, compactions, points] = lastId?.split('.') ?? [];
    if (name !== this.#name || Number(compactions) !== this.#history.compactions) return [this.#all()];
    return this.#changedAt.flatMap((changed, at) => (changed > Number(points) ? [this.#row(at)] : []));
  }

  #all(): string {
    const { pointsPerRow, rows, latest } = this.#history;
    return message('history', { pointsPerRow, rows, latest } satisfies HistoryMessage, this.#id());
  }

  #row(at: number): string {
    const { rows, latest } = this.#history;
    return message('row', { at, row: rows[at]!, latest: latest! } satisfies RowMessage, this.#id());
  }

  /** Of the stream, how often its rows were put together, and how many points there were. */
  #id(): string {
    return `${this.#name}.${this.#history.compactions}.${this.#points}`;
  }

  #send(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > MOST_UNREAD_BYTES) client.destroy();
      else client.write(text);
    }
  }
}

function message(event: string, data: unknown, id?: string): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
