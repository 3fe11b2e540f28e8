import type { LivePoint, LiveState } from '../src/metrics/live-point.ts';
import { byId, element, setText } from './dom.ts';
import { bytesOr, formatCount, lag, lagOr } from './format.ts';

interface Shown {
  value: string;
  note: string;
}

/** What matters most, as numbers. */
const FIGURES: Readonly<Record<string, (latest: LivePoint) => Shown>> = {
  'Stale sessions': ({ stale, staleBytes }) => ({ value: formatCount(stale), note: `holding ${bytesOr(staleBytes)}` }),
  'Oldest stale': ({ oldestStaleSeconds, heard, due }) => ({
    value: lag(oldestStaleSeconds),
    note: `${formatCount(heard)} of ${formatCount(due)} due were heard`,
  }),
  'Lag p50': ({ lagP50Seconds, due }) => ({ value: lagOr(lagP50Seconds, due), note: 'half of all, the stale counted' }),
  'Lag p99': ({ lagP99Seconds, due }) => ({ value: lagOr(lagP99Seconds, due), note: '99 of 100, the stale counted' }),
  'Evicted early': ({ evictedEarly, evictedStale }) => ({
    value: formatCount(evictedEarly),
    note: `before their deadline; ${formatCount(evictedStale)} after it`,
  }),
  Memory: ({ usedMemoryBytes, maxmemoryBytes }) => ({ value: bytesOr(usedMemoryBytes), note: limit(maxmemoryBytes) }),
  'Sessions created': ({ created, live }) => ({ value: formatCount(created), note: `${formatCount(live)} are live` }),
};

function limit(maxmemoryBytes: number | null): string {
  if (maxmemoryBytes === null) return 'maxmemory: not told';
  return maxmemoryBytes === 0 ? 'no maxmemory' : `of ${bytesOr(maxmemoryBytes)}`;
}

const NOTHING_YET: Shown = { value: '–', note: '\u00a0' };

/** @param latest `null`: there is none yet, and the figures have their place */
export function showFigures(latest: LivePoint | null): void {
  const list = byId('figures');
  if (list.childElementCount === 0) {
    list.append(
      ...Object.keys(FIGURES).map((title) =>
        element('div', {}, element('dt', {}, title), element('dd'), element('dd', { class: 'note' })),
      ),
    );
  }
  for (const [i, of] of Object.values(FIGURES).entries()) {
    const [, value, note] = list.children[i]!.children;
    const shown = latest === null ? NOTHING_YET : of(latest);
    setText(value!, shown.value);
    setText(note!, shown.note);
  }
}

const VERDICTS: Readonly<Record<LiveState['verdict'], string>> = {
  pending: 'Verdict: pending, nothing against it so far',
  valid: 'Verdict: valid',
  invalid: 'Verdict: invalid, do not quote these figures',
  aborted: 'Verdict: aborted before its end',
};

export function showVerdict({ verdict, reasons }: LiveState): void {
  const isDoubtful = verdict === 'pending' && reasons.length > 0;
  byId('verdict').dataset.state = isDoubtful ? 'doubtful' : verdict;
  setText(byId('verdict-heading'), isDoubtful ? 'Verdict: pending, and will be invalid' : VERDICTS[verdict]);
  const list = byId('reasons');
  if ([...list.children].map(({ textContent }) => textContent).join('\n') === reasons.join('\n')) return;
  list.replaceChildren(...reasons.map((reason) => element('li', {}, reason)));
}
