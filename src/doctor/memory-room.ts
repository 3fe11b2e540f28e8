import { infoNumber } from '../redis/info.ts';
import type { Facts } from './facts.ts';

/** Of the machine: a save or a rewrite of the AOF forks, and at the worst every page is written while it lasts. */
const SHARE_OF_MACHINE = 0.5;
const RAISE = 1.5;

/** The most that maxmemory should be on this machine, bytes; `null`: the server does not tell what the machine has. */
export function mostMaxmemory(facts: Facts): number | null {
  const machine = infoNumber(facts.now, 'total_system_memory');
  return machine === null ? null : Math.floor(SHARE_OF_MACHINE * machine);
}

/** The command that raises maxmemory by half, where the machine has room for it. */
export function raiseMaxmemory(facts: Facts): string[] {
  const raised = Math.ceil(RAISE * facts.number('maxmemory'));
  const most = mostMaxmemory(facts);
  return most !== null && raised <= most ? [facts.cli('CONFIG', 'SET', 'maxmemory', String(raised))] : [];
}
