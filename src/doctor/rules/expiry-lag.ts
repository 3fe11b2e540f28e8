import type { CycleSettings } from '../../model/expire-cycle.ts';
import { formatCount, formatLag } from '../../report/precision.ts';
import { type DatabasePrediction, predictLargest } from '../cycle-prediction.ts';
import type { Facts } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** Who waits for something on a screen has turned away after 10 s: https://www.nngroup.com/articles/response-times-3-important-limits/ */
const TOO_LATE_SECONDS = 10;

/** From the least work to the most. Above hz 100 the other work that goes with hz is felt, says redis.conf. */
const CANDIDATES: readonly Pick<CycleSettings, 'hz' | 'effort'>[] = [1, 5, 10]
  .flatMap((effort) => [10, 25, 50, 100].map((hz) => ({ hz, effort })))
  .sort((a, b) => visited(a) - visited(b));

export const expiryLag: Rule = {
  id: 'expiry-lag',
  question: 'how late will sessions expire that nobody asks for?',
  examine(facts) {
    if (facts.isReplica) return [];
    const largest = predictLargest(facts);
    if (largest === null || largest.prediction.p99Seconds <= TOO_LATE_SECONDS) return [];
    return [
      {
        severity: 'warning',
        title: largest.prediction.keepsUp
          ? `Half of the sessions expire more than about ${seconds(largest.prediction.p50Seconds)} late, unless something reads them`
          : 'More sessions fall due than the expire cycle has time to delete: dead ones pile up',
        evidence: evidence(largest),
        ...remedy(facts, largest.settings),
      },
    ];
  },
};

function evidence({ db, keysWithTtl, duePerSecond, settings, prediction }: DatabasePrediction): string {
  const rate = duePerSecond === 0 ? 'none has expired' : `${Number(duePerSecond.toPrecision(2))} expire a second`;
  const { p50Seconds, p99Seconds, staleKeys, keepsUp } = prediction;
  const lag = keepsUp
    ? `p50 about ${seconds(p50Seconds)}, p99 ${seconds(p99Seconds)}, ${formatCount(staleKeys)} dead sessions in memory`
    : 'it falls behind further and further';
  return (
    `db${db} has ${formatCount(keysWithTtl)} keys with a TTL, ${rate}; hz ${settings.hz}, active-expire-effort ${settings.effort}. ` +
    `By the model of the expire cycle: ${lag}.`
  );
}

/** The least work that is in time. */
function remedy(facts: Facts, present: CycleSettings): { remedy: string; commands?: string[] } {
  const more = CANDIDATES.filter((settings) => visited(settings) > visited(present));
  for (const settings of more) {
    const { p99Seconds } = predictLargest(facts, { ...present, ...settings })!.prediction;
    if (p99Seconds > TOO_LATE_SECONDS) continue;
    return {
      remedy: `With hz ${settings.hz} and effort ${settings.effort} the p99 would be ${seconds(p99Seconds)}, at the cost of processor time.`,
      commands: [
        ...(settings.hz === present.hz ? [] : [facts.cli('CONFIG', 'SET', 'hz', String(settings.hz))]),
        ...(settings.effort === present.effort
          ? []
          : [facts.cli('CONFIG', 'SET', 'active-expire-effort', String(settings.effort))]),
      ],
    };
  }
  return {
    remedy:
      `No hz up to 100 with any effort brings the p99 below ${TOO_LATE_SECONDS} s: spread the keys over more servers, or keep an index ` +
      'of deadlines (a sorted set) and read what is due, which makes it expire.',
  };
}

/** Keys that the cycle looks at in a second at the least. */
function visited({ hz, effort }: Pick<CycleSettings, 'hz' | 'effort'>): number {
  return hz * (20 + 5 * (effort - 1));
}

/** In two digits: the model is no better. */
function seconds(value: number): string {
  return formatLag(value, 1000 * value * 0.01);
}
