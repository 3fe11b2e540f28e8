import type { HistoryRow } from '../src/metrics/history.ts';
import type { LiveState } from '../src/metrics/live-point.ts';
import { byId, element, setText } from './dom.ts';
import { bytesOr, formatCount, lag, lagOr } from './format.ts';

interface Shown {
  value: string;
  note: string;
}

/** What matters most, as numbers: the state of the last row. */
const FIGURES: Readonly<Record<string, (row: HistoryRow) => Shown>> = {
  'Stale sessions': ({ gauges }) => ({
    value: formatCount(gauges.stale.high!),
    note: `holding ${bytesOr(gauges.staleBytes.high)}`,
  }),
  'Oldest stale': ({ gauges, counts }) => ({
    value: lag(gauges.oldestStaleSeconds.high!),
    note: `${formatCount(counts.heard)} of ${formatCount(counts.due)} due were heard`,
  }),
  'Lag, half of them': ({ gauges, counts }) => ({
    value: lagOr(gauges.lagP50Seconds.high, counts.due),
    note: 'p50, the stale counted',
  }),
  'Lag, 99 of 100': ({ gauges, counts }) => ({
    value: lagOr(gauges.lagP99Seconds.high, counts.due),
    note: 'p99, the stale counted',
  }),
  'Evicted before their end': ({ counts }) => ({
    value: formatCount(counts.evictedEarly),
    note: `${formatCount(counts.evictedStale)} evicted when stale`,
  }),
  Memory: ({ gauges: { usedMemoryBytes, maxmemoryBytes } }) => ({
    value: bytesOr(usedMemoryBytes.high),
    note: maxmemoryBytes.high ? `of ${bytesOr(maxmemoryBytes.high)}` : 'no maxmemory',
  }),
  'Sessions created': ({ counts, gauges }) => ({
    value: formatCount(counts.created),
    note: `${formatCount(gauges.live.high!)} are live`,
  }),
};

export function showFigures(row: HistoryRow): void {
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
    const shown = of(row);
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
