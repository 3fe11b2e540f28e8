import { infoNumber } from '../../redis/info.ts';
import { formatCount } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { typed } from '../seen.ts';

/** A slow disk holds up the one thread that answers, expires and tells. */
export const aofFsync = rule({
  id: 'aof-fsync',
  needs: ['settings'],
  examine(examination): Finding[] {
    const { settings, now } = examination;
    if (settings.appendonly !== 'yes') return [];
    const delayed = infoNumber(now, 'aof_delayed_fsync') ?? 0;
    const always = settings.appendfsync === 'always';
    if (!always && delayed === 0) return [];
    return [
      {
        severity: 'warning',
        title: always
          ? 'Each write waits for the disk, and so does each expiry'
          : 'The disk does not keep up with the AOF, and has held up the server',
        evidence: `appendfsync is ${settings.appendfsync}; ${formatCount(delayed)} fsyncs were waited for`,
        remedy: always
          ? `${typed(examination, 'CONFIG', 'SET', 'appendfsync', 'everysec')}: at most a second of sessions is lost then`
          : 'a faster disk, or one for the AOF alone; and no-appendfsync-on-rewrite yes',
      },
    ];
  },
});
