import type { HistoryMessage, RowMessage } from '../src/metrics/live-messages.ts';
import type { LiveState } from '../src/metrics/live-point.ts';

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
  const RETRY_MS = 2_000;
  let source: EventSource;
  let timer: number | undefined;
  const connect = (): void => {
    source = new EventSource('/events');
    const on = (event: string, handle: (data: never) => void): void => {
      source.addEventListener(event, ({ data }: MessageEvent<string>) => handle(JSON.parse(data) as never));
    };
    on('history', (message: HistoryMessage) => handlers.history(message));
    on('row', (message: RowMessage) => handlers.row(message));
    on('state', (state: LiveState) => handlers.state(state));
    source.addEventListener('open', () => handlers.connection('live'));
    source.addEventListener('error', () => {
      handlers.connection('lost');
      if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(connect, RETRY_MS);
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
