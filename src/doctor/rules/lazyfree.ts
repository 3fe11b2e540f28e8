import { infoNumber } from '../../redis/info.ts';
import { formatBytes } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { keysOf, typed } from '../seen.ts';

/** From this size on freeing a value takes longer than handing it to another thread, and holds up who waits. */
const LARGE_BYTES = 64 * 1024;
const SETTINGS = ['lazyfree-lazy-expire', 'lazyfree-lazy-eviction'];

/** Freed at once, large values hold up the server when they expire; of small ones it is as well. */
export const lazyfree = rule({
  id: 'lazyfree',
  needs: ['settings'],
  examine(examination): Finding[] {
    const { settings, now } = examination;
    const { keys } = keysOf(examination);
    const dataset = infoNumber(now, 'used_memory_dataset');
    const mean = dataset === null || keys === 0 ? 0 : dataset / keys;
    const atOnce = SETTINGS.filter((name) => settings[name] === 'no');
    if (mean < LARGE_BYTES || atOnce.length === 0) return [];
    return [
      {
        severity: 'warning',
        title: 'Large values are freed in the thread that answers, when they expire or are evicted',
        evidence: `${atOnce.join(' and ')}: no; a key takes ${formatBytes(mean)} on average`,
        remedy: `${typed(examination, 'CONFIG', 'SET', atOnce[0]!, 'yes')}: memory then falls a little later`,
      },
    ];
  },
});
