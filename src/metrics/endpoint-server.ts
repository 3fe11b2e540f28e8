import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LivePage } from './live-page.ts';
import { isLoopback } from './loopback.ts';
import type { RunMetrics } from './registry.ts';

const OPEN_METRICS = 'application/openmetrics-text';

/** The HTTP side of a run: `/metrics` in the format that is asked for, `/healthz`, `/readyz`; the live page at `/`. */
export class EndpointServer {
  readonly #server: Server;
  readonly #isLoopback: boolean;
  readonly #page: LivePage | null;
  /** `null` until the run has been prepared. */
  #metrics: RunMetrics | null = null;

  /** @param host that it will listen on */
  constructor(host: string | null, page: LivePage | null) {
    this.#page = page;
    this.#isLoopback = host !== null && isLoopback(host);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) => {
        if (!response.headersSent) send(response, 500, `${error.message}\n`);
        else response.destroy();
      });
    });
  }

  /** @throws {Error} of the system: EADDRINUSE, EACCES, ENOTFOUND */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** From now on there is a run to tell of. */
  show(metrics: RunMetrics): void {
    this.#metrics = metrics;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url = '/' } = request;
    // A page elsewhere may have its own name lead here (DNS rebinding); the name that it then asks for is not ours.
    if (this.#isLoopback && !isLoopback(hostOf(headers.host)))
      return send(response, 403, 'this is a loopback address\n');
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'GET or HEAD\n', { allow: 'GET, HEAD' });
    const path = url.split('?', 1)[0]!;
    if (this.#page?.answer(path, request, response)) return;
    switch (path) {
      case '/metrics':
        return this.#sendMetrics(headers.accept ?? '', response);
      case '/healthz':
        return send(response, 200, 'ok\n');
      case '/readyz':
        return this.#metrics === null
          ? send(response, 503, 'the run is being prepared\n')
          : send(response, 200, 'ok\n');
      default:
        return send(response, 404, 'there is /metrics, /healthz and /readyz\n');
    }
  }

  async #sendMetrics(accept: string, response: ServerResponse): Promise<void> {
    const isOpen = accept.includes(OPEN_METRICS);
    // Before the run is there nothing is known of it, not even its name.
    const none = { text: isOpen ? '# EOF\n' : '', contentType: typeOf(isOpen) };
    const { text, contentType } = (await this.#metrics?.render(isOpen ? 'openMetrics' : 'text')) ?? none;
    send(response, 200, text, { 'content-type': contentType });
  }
}

function typeOf(isOpen: boolean): string {
  return isOpen ? `${OPEN_METRICS}; version=1.0.0; charset=utf-8` : 'text/plain; version=0.0.4; charset=utf-8';
}

/** Without the port. */
function hostOf(header = ''): string {
  return header.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(text);
}
