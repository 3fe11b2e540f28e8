import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findServerBinary } from '../../src/redis/server-binary.ts';
import { findLibfaketime } from '../libfaketime.mjs';

export const libfaketime = findLibfaketime();

/**
 * Writes a program into `directory` that runs the server from PATH with a wall clock that is off by `offset` (`+1h`); its
 * monotonic clock is not. It can stand where a redis-server binary can.
 *
 * Debian's Redis takes its malloc from libjemalloc.so, which asks for the time before libfaketime is ready, and hangs
 * (wolfcw/libfaketime#130). With libc preloaded as well, malloc is libc's.
 *
 * @returns its path
 */
export function fakeClockServer(directory: string, offset: string): string {
  return launcher(directory, `FAKETIME=${offset}`);
}

/** The same, whose wall clock is off by what the file says, `+5s` for example, at any time. */
export function steppingServer(directory: string, offsetFile: string): string {
  return launcher(directory, `FAKETIME_TIMESTAMP_FILE='${offsetFile}' FAKETIME_NO_CACHE=1`);
}

function launcher(directory: string, faketime: string): string {
  const path = join(directory, 'redis-server-with-fake-clock');
  const environment = `LD_PRELOAD=${libfaketime}:libc.so.6 ${faketime} FAKETIME_DONT_FAKE_MONOTONIC=1`;
  writeFileSync(path, `#!/bin/sh\n${environment} exec '${findServerBinary()}' "$@"\n`, { mode: 0o755 });
  return path;
}
