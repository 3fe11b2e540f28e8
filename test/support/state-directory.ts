import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lets journals of this process, and of what it starts, lie in a directory of their own, gone at its end. */
export function ownStateDirectory(): { path: string; journals(): string[] } {
  const path = mkdtempSync(join(tmpdir(), 'ttlscope-state-'));
  process.env.XDG_STATE_HOME = path;
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    journals() {
      try {
        return readdirSync(join(path, 'ttlscope'));
      } catch {
        return [];
      }
    },
  };
}
