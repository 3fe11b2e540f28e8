import { formatCount } from '../../report/precision.ts';
import type { Finding, Rule } from '../rule.ts';

export const slowAof: Rule = {
  id: 'slow-aof',
  question: 'does the server wait for its disk?',
  examine(facts) {
    if (facts.number('aof_enabled') !== 1) return [];
    const delayed = facts.number('aof_delayed_fsync');
    const found: Finding[] = [];
    if (delayed > 0) {
      found.push({
        severity: facts.increase('aof_delayed_fsync') > 0 ? 'error' : 'warning',
        title: 'The server has stood still for its disk: no command, no expiry, no event meanwhile',
        evidence: `aof_delayed_fsync:${formatCount(delayed)} since the start; each is a write that had waited 2 s for an fsync and then had to be made.`,
        remedy: 'Give the AOF a disk of its own or a faster one; keep rewrites from competing with it.',
        commands: [facts.cli('CONFIG', 'SET', 'no-appendfsync-on-rewrite', 'yes')],
        source: 'https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/',
      });
    }
    if (facts.settingOf('appendfsync') === 'always') {
      found.push({
        severity: 'info',
        title: 'Each turn of the event loop that deletes sessions waits for an fsync before their events are sent',
        evidence: 'appendfsync always. The deletions of the expire cycle are written to the AOF as well.',
        remedy: 'For sessions everysec is as good: at the worst a second of logins is lost.',
        commands: [facts.cli('CONFIG', 'SET', 'appendfsync', 'everysec')],
      });
    }
    return found;
  },
};
