import { LagHistogram } from '../../ledger/lag-histogram.ts';
import { Tally } from '../../ledger/tally.ts';
import type { Result, TallyResult } from '../../result/schema.ts';
import { dueOf } from '../finding.ts';
import { formatBeyond } from '../precision.ts';
import { type Colour, chart, type Line } from './chart.ts';
import { lagTick, lagTicks } from './lag-ticks.ts';
import { type Markup, markup } from './markup.ts';
import type { Sample } from './thin.ts';

const COLOURS: readonly Colour[] = ['blue', 'orange', 'green', 'violet', 'red'];
/** A deadline is told to the ms. */
const LEAST_SECONDS = 0.001;
/** As many as can be told apart on the width of a chart. */
const MOST_STEPS = 500;
const MOST_MARKS = 60;

/** The share of the sessions that fell due whose end was still untold, by the time since the deadline; `null`: none fell due. */
export function survivalCurve(result: Result, errorMs: number): Markup | null {
  const named = Object.entries(result.cohorts).filter(([, tally]) => dueOf(tally) > 0);
  if (named.length === 0) return null;
  const most = named.toSorted(([, a], [, b]) => dueOf(b) - dueOf(a)).slice(0, COLOURS.length - 1);
  const curves: [string, TallyResult][] = [...(named.length > 1 ? most : []), ['all that fell due', result.totals]];
  const horizon = Math.max(result.totals.expiryLagSeconds.horizon ?? 0, 10 * LEAST_SECONDS);
  // The last is drawn over the others.
  const colourOf = (place: number): Colour => COLOURS[(place + 1) % curves.length]!;
  const lines = curves.map(([label, tally], i): Line => {
    return { label, colour: colourOf(i), dashed: tally !== result.totals, samples: stepsOf(tally) };
  });
  const { beyond } = result.totals.expiryLagSeconds;
  const until = beyond === null ? 'all were told of' : `what was not told of lasted ${formatBeyond(beyond, errorMs)}`;
  return chart({
    title: 'How long the dead stay untold',
    about: `Share of the sessions that fell due and of whose end no event had told, by the time since their deadline (1 less the cumulative incidence of Aalen and Johansen); ${until}. A tick: sessions followed so long and no further; a line ends where none was followed any longer.${most.length < named.length ? ` Of ${named.length} cohorts those ${most.length} of which most fell due.` : ''}`,
    lines,
    x: {
      format: lagTick,
      log: true,
      domain: [LEAST_SECONDS, horizon],
      ticks: lagTicks(LEAST_SECONDS, horizon),
    },
    y: { format: (share) => `${100 * share}%`, domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] },
    steps: true,
    marks: (x, y) =>
      markup`${curves.map(([, tally], i) => markup`<g class="${colourOf(i)}">${censorings(tally, lines[i]!.samples, x, y)}</g>`)}`,
  });
}

/** From 1 at once to the longest time that any was followed: of longer times nothing is known. */
function stepsOf(tally: TallyResult): Sample[] {
  const steps = Tally.fromResult(tally).incidence();
  const horizon = Math.max(tally.expiryLagSeconds.horizon ?? 0, LEAST_SECONDS);
  const kept: Sample[] = [[LEAST_SECONDS, 1]];
  const perDecade = MOST_STEPS / Math.max(1, Math.log10(horizon / LEAST_SECONDS));
  let place = Number.NEGATIVE_INFINITY;
  for (const { timeUs, share } of steps) {
    const seconds = Math.max(timeUs / 1e6, LEAST_SECONDS);
    const sample: Sample = [seconds, 1 - share];
    const now = Math.floor(Math.log10(seconds) * perDecade);
    // Of steps that are drawn at one place the last one tells where the curve goes on.
    if (now === place) kept[kept.length - 1] = [kept.at(-1)![0], 1 - share];
    else kept.push(sample);
    place = now;
  }
  kept.push([horizon, kept.at(-1)![1]]);
  return kept;
}

function censorings(
  { histograms }: TallyResult,
  curve: readonly Sample[],
  x: (value: number) => number,
  y: (value: number) => number,
): Markup[] {
  const { hdr, ...exact } = histograms.censored;
  const buckets = LagHistogram.decode(hdr, exact).buckets();
  const step = Math.max(1, Math.ceil(buckets.length / MOST_MARKS));
  return buckets
    .filter((_, i) => i % step === 0)
    .map(({ valueUs }) => {
      const seconds = Math.max(valueUs / 1e6, LEAST_SECONDS);
      const share = curve.findLast(([at]) => at <= seconds)?.[1] ?? 1;
      const [left, top] = [x(seconds), y(share)];
      return markup`<path class="mark" d="M${left} ${(top - 4).toFixed(1)}v8"/>`;
    });
}
