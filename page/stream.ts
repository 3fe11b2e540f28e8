import type { HistoryMessage, RowMessage } from '../src/metrics/live-messages.ts';
import type { LiveState } from '../src/metrics/live-point.ts';

/** Heartbeats come every 5 s: two are missing. */
const SILENT_MS = 12_000;
const RETRY_MS = 2_000;

export interface StreamHandlers {
  history(message: HistoryMessage): void;
  row(message: RowMessage): void;
  state(state: LiveState): void;
  connection(state: 'connecting' | 'live' | 'lost'): void;
}

/**
 * The run as it comes. A connection that is cut is made anew by the browser, which names the last event that it has; where
 * it gives up, as for a server that is gone, we try on.
 */
export function follow(handlers: StreamHandlers): { close(): void } {
  let source: EventSource;
  let timer: number | undefined;
  const again = (inMs: number): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(connect, inMs);
  };
  /** A process that hangs keeps its connections: only its silence tells. */
  const alive = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      source.close();
      handlers.connection('lost');
      again(RETRY_MS);
    }, SILENT_MS);
  };
  const connect = (): void => {
    source = new EventSource('/events');
    const on = (event: string, handle: (data: never) => void): void => {
      source.addEventListener(event, ({ data }: MessageEvent<string>) => {
        alive();
        handle(JSON.parse(data) as never);
      });
    };
    on('history', (message: HistoryMessage) => handlers.history(message));
    on('row', (message: RowMessage) => handlers.row(message));
    on('state', (state: LiveState) => handlers.state(state));
    on('heartbeat', () => {});
    source.addEventListener('open', () => {
      alive();
      handlers.connection('live');
    });
    source.addEventListener('error', () => {
      handlers.connection('lost');
      window.clearTimeout(timer);
      if (source.readyState === EventSource.CLOSED) again(RETRY_MS);
    });
  };
  handlers.connection('connecting');
  connect();
  return {
    close() {
      window.clearTimeout(timer);
      source.close();
    },
  };
}
