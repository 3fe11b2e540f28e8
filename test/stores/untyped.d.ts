declare module 'koa' {
  import type { RequestListener } from 'node:http';
  import type { Session } from 'koa-session';

  interface Context {
    path: string;
    body: string;
    session: (Session & { visits?: number }) | null;
  }

  export default class Koa {
    keys: string[];
    use(middleware: (context: Context, next: () => Promise<void>) => unknown): this;
    callback(): RequestListener;
  }
}

declare module 'koa-redis' {
  import type { Redis } from 'ioredis';

  export default function redisStore(options: { client: Redis }): {
    get(key: string): Promise<unknown>;
    set(key: string, session: unknown, ttlMs?: number): Promise<void>;
    destroy(key: string): Promise<void>;
  };
}
