import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventStream } from './event-stream.ts';
import type { PageFiles } from './page-files.ts';

/** Nothing from elsewhere, and nothing that is not a file of ours; the icon is in the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The live page: its files, and the stream of what it shows at `/events`. */
export class LivePage {
  readonly events = new EventStream();
  readonly #files: PageFiles;

  constructor(files: PageFiles) {
    this.#files = files;
  }

  /** @returns whether the path is one of the page's */
  answer(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    if (path === '/events') {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
      if (request.method === 'HEAD') response.end();
      else this.events.attach(response, request.headers['last-event-id'] as string | undefined);
      return true;
    }
    const file = this.#files.get(path);
    if (file === undefined) return false;
    response.writeHead(200, { ...HEADERS, 'content-type': file.type });
    response.end(request.method === 'HEAD' ? undefined : file.content);
    return true;
  }

  close(): void {
    this.events.close();
  }
}
