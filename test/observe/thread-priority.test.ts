import { getPriority } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { spawnWorker } from '../../src/spawn-worker.ts';
import { skipUnless } from '../skip.ts';

const test = suite('thread priority');

const MAY_RAISE = process.platform === 'linux' && process.getuid?.() === 0;

skipUnless(
  test,
  MAY_RAISE,
  'only root on Linux may raise it',
)('a thread raises its own, and no other', async () => {
  const before = getPriority();
  const worker: Worker = spawnWorker(new URL('./raised-thread.ts', import.meta.url), {});
  const raised = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.is(raised, -10);
  assert.is(getPriority(), before);
});

test.run();
