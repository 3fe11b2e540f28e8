import { readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { raiseThreadPriority } from '../../src/observe/thread-priority.ts';

raiseThreadPriority();
parentPort!.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));
