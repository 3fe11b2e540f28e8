import { type Endpoint, printEndpoint } from '../endpoint.ts';
import type { ServerFacts } from '../inspect.ts';
import { ServerUnusable } from '../server-unusable.ts';
import { isAsAsked, settingBytes } from './same-value.ts';

/** Where it listens, whom it lets in, where its files lie, what it is to other servers. */
const NEVER =
  /^(bind|port|unixsocket|socket|tls|protected-mode|requirepass|masterauth|masteruser|primaryauth|primaryuser|acl|user|maxclients|maxmemory-clients|timeout|dir|dbfilename|appendfilename|appenddirname|logfile|pidfile|syslog|replicaof|slaveof|replica|slave|master|primary|repl|min-replicas|min-slaves|cluster|shutdown|oom-score)(-|$)/;

/** What keeps data over a crash: without it for the time of a run, a crash in it loses what somebody wrote. */
const DURABILITY = /^(save|appendonly|appendfsync|no-appendfsync-on-rewrite|auto-aof|aof|rdb|stop-writes)(-|$)/;

/**
 * Refuses settings that a run must not change on a server of somebody else.
 *
 * Never: those that lock people out, move files or break replication, because a run that is killed leaves them so. While
 * there are keys, which are not the run's: a limit of memory unless it is raised, any other policy, and what keeps data
 * over a crash. A policy decides which keys are evicted or that writes fail; even one that spares most kinds of keys may
 * evict some that the present one does not.
 *
 * @param asked what is to be changed, by name
 * @throws {ServerUnusable} naming the setting and why
 */
export function refuseDangerous(asked: Readonly<Record<string, string>>, facts: ServerFacts, endpoint: Endpoint): void {
  for (const [setting, value] of Object.entries(asked)) {
    const danger = dangerOf(setting, value, facts);
    if (danger === null) continue;
    throw new ServerUnusable(
      `server.${setting}: "${value}" is not set on ${printEndpoint(endpoint)}: ${danger}`,
      'leave --redis out for a server of the run alone, name one that holds no keys, or take it out of the scenario',
    );
  }
}

function dangerOf(
  setting: string,
  value: string,
  { foreignKeys, settings, maxmemoryBytes }: ServerFacts,
): string | null {
  if (NEVER.test(setting)) return 'it could lock somebody out or break replication, and would stay so after a SIGKILL';
  if (foreignKeys === 0) return null;
  const keys = `it holds ${foreignKeys} ${foreignKeys === 1 ? 'key' : 'keys'} of somebody else`;
  if (setting === 'maxmemory') {
    const bytes = settingBytes(value);
    const isRaised = bytes === 0 || (bytes !== null && maxmemoryBytes > 0 && bytes >= maxmemoryBytes);
    return isRaised ? null : `${keys}, which a lower limit could evict`;
  }
  if (setting === 'maxmemory-policy' && !isAsAsked(setting, value, settings[setting] ?? '')) {
    return `${keys}, which another policy could evict, or whose writes it could refuse`;
  }
  return DURABILITY.test(setting) ? `${keys}, which a crash in the run could then lose` : null;
}
