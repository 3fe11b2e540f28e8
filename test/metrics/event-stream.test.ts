import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventStream } from '../../src/metrics/event-stream.ts';
import { History } from '../../src/metrics/history.ts';
import type { HistoryMessage, RowMessage } from '../../src/metrics/live-messages.ts';
import type { LivePoint, LiveState } from '../../src/metrics/live-point.ts';

interface Event {
  event: string;
  id: string | undefined;
  data: unknown;
}

/** A client of the stream, as a browser is one; `next` takes what has come, in order. */
class Client {
  readonly #events: Event[] = [];
  readonly response: IncomingMessage;
  #wake: () => void = () => {};

  static async connect(url: string, lastId?: string): Promise<Client> {
    const asking = request(url, { headers: lastId === undefined ? {} : { 'last-event-id': lastId } }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return new Client(response);
  }

  private constructor(response: IncomingMessage) {
    this.response = response;
    let text = '';
    response.on('error', () => {});
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)));
        if (fields.event) this.#events.push({ event: fields.event, id: fields.id, data: JSON.parse(fields.data) });
      }
      this.#wake();
    });
  }

  async next(): Promise<Event> {
    while (this.#events.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#events.shift()!;
  }
}

const point = (atSeconds: number): LivePoint =>
  ({ atSeconds, stale: atSeconds, lagCounts: [] }) as unknown as LivePoint;
const state = (phase: string): LiveState => ({ phase }) as unknown as LiveState;

async function withStream(capacity: number, use: (stream: EventStream, url: string) => Promise<void>): Promise<void> {
  const stream = new EventStream(new History(capacity));
  const server = createServer((asked, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    stream.attach(response, asked.headers['last-event-id'] as string | undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(stream, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    stream.close();
    server.closeAllConnections();
    server.close();
  }
}

const timesOf = ({ rows }: HistoryMessage): number[] => rows.map(({ atSeconds }) => atSeconds);

test('one that comes late has the whole history and the state, then each point', () =>
  withStream(100, async (stream, url) => {
    for (let second = 0; second < 5; second++) stream.point(point(second));
    stream.state(state('measure'));
    const client = await Client.connect(url);
    const first = await client.next();
    assert.is(first.event, 'history');
    assert.equal(timesOf(first.data as HistoryMessage), [0, 1, 2, 3, 4]);
    assert.equal((await client.next()).data, { phase: 'measure' });
    stream.point(point(5));
    const { event, data } = await client.next();
    assert.is(event, 'row');
    assert.equal([(data as RowMessage).at, (data as RowMessage).row.atSeconds], [5, 5]);
  }));

test('one that lost its connection gets what it lacks, once', () =>
  withStream(100, async (stream, url) => {
    stream.point(point(0));
    const cut = await Client.connect(url);
    const { id } = await cut.next();
    cut.response.destroy();
    for (let second = 1; second < 4; second++) stream.point(point(second));
    const again = await Client.connect(url, id);
    const missed = [await again.next(), await again.next(), await again.next()];
    assert.equal(
      missed.map(({ event, data }) => [event, (data as RowMessage).row.atSeconds]),
      [
        ['row', 1],
        ['row', 2],
        ['row', 3],
      ],
    );
    stream.point(point(4));
    assert.is(((await again.next()).data as RowMessage).row.atSeconds, 4, 'and nothing twice');
  }));

test('when rows are put together everyone gets the history anew, and so does one that missed it', () =>
  withStream(4, async (stream, url) => {
    for (let second = 0; second < 4; second++) stream.point(point(second));
    const client = await Client.connect(url);
    const { id } = await client.next();
    stream.point(point(4));
    const anew = await client.next();
    assert.equal([anew.event, timesOf(anew.data as HistoryMessage)], ['history', [1, 3, 4]]);
    const late = await (await Client.connect(url, id)).next();
    assert.equal(timesOf(late.data as HistoryMessage), [1, 3, 4]);
    // The second point of a row changes it, and one that has the first lacks that.
    stream.point(point(5));
    const changed = (await client.next()).data as RowMessage;
    assert.equal([changed.at, changed.row.atSeconds], [2, 5]);
    const missed = (await (await Client.connect(url, anew.id)).next()).data as RowMessage;
    assert.equal([missed.at, missed.row.atSeconds], [2, 5]);
  }));

test('the latest point comes beside a row that was made of many', () =>
  withStream(4, async (stream, url) => {
    for (let second = 0; second < 6; second++) stream.point({ ...point(second), stale: 10 - second });
    const { rows, latest } = (await (await Client.connect(url)).next()).data as HistoryMessage;
    assert.equal([rows.at(-1)!.gauges.stale.high, latest!.stale], [6, 5]);
  }));

test('while nothing happens a heartbeat comes, which a page can see', () =>
  withStream(4, async (stream, url) => {
    stream.state(state('measure'));
    const client = await Client.connect(url);
    assert.equal([(await client.next()).event, (await client.next()).event], ['history', 'state']);
    assert.is((await client.next()).event, 'heartbeat');
  }));

test('the id of another run is not taken for one of ours', () =>
  withStream(100, async (stream, url) => {
    for (let second = 0; second < 3; second++) stream.point(point(second));
    const { event } = await (await Client.connect(url, '00000000.0.1')).next();
    assert.is(event, 'history');
  }));

test('one that does not read is left, and the others go on', () =>
  withStream(100, async (stream, url) => {
    const sleeper = await Client.connect(url);
    sleeper.response.pause();
    const left = new Promise<void>((resolve) => sleeper.response.once('close', resolve));
    const reader = await Client.connect(url);
    await reader.next();
    const large = { ...state('measure'), reasons: ['x'.repeat(1_000_000)] };
    // What it leaves unread fills the buffers of the system first.
    for (let megabyte = 0; megabyte < 60; megabyte++) {
      stream.state(large);
      await reader.next();
    }
    sleeper.response.resume();
    await left;
    stream.state(state('done'));
    assert.equal((await reader.next()).data, { phase: 'done' });
  }));

test.run();
