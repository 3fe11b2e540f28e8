import { LagHistogram } from '../ledger/lag-histogram.ts';
import { Tally } from '../ledger/tally.ts';
import type { Result } from '../result/schema.ts';

/**
 * The lags that were heard as HdrHistogram's percentile text, in ms, which its plotter reads. It knows no censoring:
 * percentiles are of the delivered events alone, and so lower than the result's, which count the undelivered too. A
 * last line, which readers of the format skip, says how many those are.
 */
export function renderHgrm({ totals }: Result): string {
  const { lag } = Tally.fromResult(totals);
  const heard = new LagHistogram();
  heard.add(lag.cycle);
  heard.add(lag.command);
  const unheard = lag.competing.count + lag.censored.count;
  return `${heard.percentileText()}#[Expiry lag in ms; fell due = ${heard.count + unheard}, not heard and not in here = ${unheard}]\n`;
}
