import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * A worker from a module beside its caller: `spawnWorker(new URL('./x.ts', import.meta.url), …)`. From source the
 * worker registers tsx first, because Node 20 does not load `.ts`; compiled, the `.js` beside it is run.
 */
export function spawnWorker(url: URL, options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(url.href.replace(/\.ts$/, '.js')), options);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const bootstrap = `import { register } from ${tsx}; register(); await import(${JSON.stringify(url.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(bootstrap)}`), options);
}
