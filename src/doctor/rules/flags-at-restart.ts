import { callsOf } from '../../redis/info.ts';
import { isAsAsked } from '../../redis/settings/same-value.ts';
import { type Facts, Untold } from '../facts.ts';
import type { Finding, Rule } from '../rule.ts';

const SETTING = 'notify-keyspace-events';

export const flagsAtRestart: Rule = {
  id: 'flags-at-restart',
  question: 'are the notify flags still set after a restart?',
  examine(facts) {
    const flags = facts.settingOf(SETTING);
    if (flags === '' || !mayBeSetSinceStart(facts)) return [];
    const { configFile } = facts;
    switch (configFile.state) {
      case 'none':
        return [
          {
            ...loss(flags, 'The server runs without a configuration file, so that CONFIG REWRITE is refused.'),
            remedy: `Put the line ${SETTING} ${flags} into a redis.conf and start the server with it, or give it on its command line.`,
          },
        ];
      case 'elsewhere':
        throw new Untold(`whether ${configFile.path} has them: ${configFile.reason}`);
      case 'read': {
        const { path, isRewritable } = configFile;
        const written = configFile.settings.get(SETTING) ?? '';
        if (isAsAsked(SETTING, written, flags)) return [];
        if (configFile.includes) throw new Untold(`${path} includes other files`);
        const has = `${path} has ${written === '' ? 'none' : `"${written}"`}.`;
        if (isRewritable === false) {
          return [
            {
              ...loss(flags, `${has} The server may not write in its directory, so that CONFIG REWRITE fails.`),
              remedy: `Put the line ${SETTING} ${flags} into it.`,
            },
          ];
        }
        return [
          {
            ...loss(flags, has),
            remedy: 'Let the server write its settings into the file, all that were changed since its start.',
            commands: [facts.cli('CONFIG', 'REWRITE')],
          },
        ];
      }
    }
    configFile satisfies never;
    return [];
  },
};

function loss(flags: string, where: string): Pick<Finding, 'severity' | 'title' | 'evidence'> {
  return {
    severity: 'warning',
    title: 'The events may end with the next restart: their flags are in no configuration file',
    evidence: `${SETTING} is "${flags}". ${where}`,
  };
}

/**
 * Flags that were there from the start will be there again. The count of CONFIG SET tells, unless it was set back; before 7.0
 * there is one count for all of CONFIG.
 */
function mayBeSetSinceStart({ now }: Facts): boolean {
  const commands = ['config|set', 'config|resetstat', 'config'];
  return callsOf(now, 'info') === 0 || commands.some((command) => callsOf(now, command) > 0);
}
