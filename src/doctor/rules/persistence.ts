import { type Finding, rule } from '../rule.ts';
import { typed } from '../seen.ts';

/** Whether sessions are there after a restart, and who is told of those whose deadline passed meanwhile. */
export const persistence = rule({
  id: 'persistence',
  needs: ['settings'],
  examine(examination): Finding[] {
    const { settings, now } = examination;
    const failed = [
      ['rdb_last_bgsave_status', 'RDB'],
      ['aof_last_write_status', 'AOF'],
      ['aof_last_bgrewrite_status', 'AOF rewrite'],
    ].filter(([field]) => (now.get(field!) ?? 'ok') !== 'ok');
    const failures = failed.map(
      ([field, what]): Finding => ({
        severity: 'error',
        title: `The last ${what} failed: sessions since then are gone after a restart`,
        evidence: `${field} is ${now.get(field!)}`,
        remedy: 'see its log, the disk, and the rights of its directory',
      }),
    );
    const [aof, rdb] = [settings.appendonly === 'yes', (settings.save ?? '') !== ''];
    if (aof) return failures;
    if (rdb) {
      return [
        ...failures,
        {
          severity: 'info',
          title: 'Sessions whose deadline passes while the server is down are dropped at its start, and nobody is told',
          evidence: `save is "${settings.save}", appendonly is no`,
          remedy:
            'at its start look through your own record of sessions; from an AOF they are loaded, and told of when found',
        },
      ];
    }
    return [
      ...failures,
      {
        severity: 'warning',
        title: 'A restart logs everybody out, and nobody is told',
        evidence: 'save is "" and appendonly is no: nothing is on disk',
        remedy: `if that is not meant: ${typed(examination, 'CONFIG', 'SET', 'appendonly', 'yes')}`,
      },
    ];
  },
});
