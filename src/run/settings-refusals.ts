import { type Endpoint, printEndpoint } from '../redis/endpoint.ts';
import { flagsMissing, type ServerFacts } from '../redis/inspect.ts';
import { printAdminCli, printRedisCli } from '../redis/redis-cli.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';

export const FLAGS = 'notify-keyspace-events';

type Settings = Readonly<Record<string, string>>;

/** That settings are not changed on a server of somebody else unasked, with the commands to type. */
export function notAllowed(wanted: Settings, facts: ServerFacts, endpoint: Endpoint): ServerUnusable {
  const { [FLAGS]: flags, ...settings } = wanted;
  const names = Object.keys(settings);
  if (names.length === 0) return flagsMissing(facts, flags!, endpoint);
  const lines = Object.entries(wanted).map(
    ([name, value]) => `\n  ${printRedisCli({ ...endpoint, db: 0 }, ['CONFIG', 'SET', name, value])}`,
  );
  return new ServerUnusable(
    `${printEndpoint(endpoint)}: the scenario sets ${names.join(', ')}, and this server is not ttlscope's own`,
    `let it be set, and put back afterwards, with --allow-config, or type:${lines.join('')}`,
  );
}

/** That CONFIG is not to be had, as on managed services, or by the user's ACL: what is to be set by hand. */
export function forbidden(
  what: 'read' | 'change',
  words: string,
  wanted: Settings,
  endpoint: Endpoint,
): ServerUnusable {
  const command = what === 'read' ? 'CONFIG GET' : 'CONFIG SET';
  const byHand = Object.entries(wanted).map(([name, value]) => `  ${name} ${value === '' ? '""' : value}`);
  const user = endpoint.username ?? 'default';
  const rules = ['ACL', 'SETUSER', user, '+config|get', ...(what === 'change' ? ['+config|set'] : [])];
  const grant = /\bNOPERM\b/.test(words)
    ? `\nor let it be done: as its administrator, type: ${printAdminCli({ ...endpoint, db: 0 }, rules)}`
    : '';
  return new ServerUnusable(
    `${printEndpoint(endpoint)}: it does not let its settings be ${what === 'read' ? 'read' : 'changed'} (${command}: ${words})`,
    `see that it has these, in its console or redis.conf, and run it with --no-config:\n${byHand.join('\n')}${grant}`,
  );
}

/** That events were not heard of a key of the run's own, where the flags cannot be read. */
export function eventsMissing(missing: string, needed: string, endpoint: Endpoint): ServerUnusable {
  return new ServerUnusable(
    `${printEndpoint(endpoint)}: it does not send the events of ${FLAGS} ${[...missing].join(', ')}: tried on a key of the run's own`,
    `set ${FLAGS} to ${needed} where its settings are made, in its console or redis.conf`,
  );
}
