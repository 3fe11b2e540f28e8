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
