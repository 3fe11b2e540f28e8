import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where the packages of Linux distributions put libfaketime: `/usr/lib/ARCH/faketime` (Debian, Ubuntu),
 * `/usr/lib64/faketime` (Fedora), `/usr/lib/faketime` (Alpine).
 */
export function findLibfaketime() {
  for (const directory of ['/usr/lib', '/usr/lib64', '/usr/local/lib']) {
    if (!existsSync(directory)) continue;
    for (const below of ['', ...readdirSync(directory)]) {
      const path = join(directory, below, 'faketime', 'libfaketime.so.1');
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}

/**
 * Debian's Redis takes its malloc from libjemalloc.so, which asks for the time before libfaketime is ready and hangs
 * (wolfcw/libfaketime#130). With libc preloaded as well, malloc is libc's.
 */
export function fakeClockEnvironment(libfaketime, offset) {
  return { LD_PRELOAD: `${libfaketime}:libc.so.6`, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
