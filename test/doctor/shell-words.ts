import { execFileSync } from 'node:child_process';

/** What a shell makes of a command. */
export function shellWords(command: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${command.trim()}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}
