import { join } from 'node:path';
import type { Tune } from '../experiment/tune-file.ts';
import { writeWhole } from './result-files.ts';
import { tunedCommands, tunedConf } from './tuned-conf.ts';

export const TUNE_FILE = 'tune.json';
/** For redis.conf, and for redis-cli: only where settings were found. */
export const CONF_FILE = 'tuned.conf';
const COMMANDS_FILE = 'tuned.redis-cli';

/** @throws FileError that names the path */
export async function writeTune(dir: string, tune: Tune): Promise<void> {
  await writeWhole(join(dir, TUNE_FILE), `${JSON.stringify(tune)}\n`);
  const { finding } = tune;
  if (finding?.outcome !== 'found') return;
  await writeWhole(join(dir, CONF_FILE), tunedConf(tune, finding));
  const commands = tunedCommands(tune, finding.settings);
  if (commands.length > 0) await writeWhole(join(dir, COMMANDS_FILE), `${commands.join('\n')}\n`);
}
