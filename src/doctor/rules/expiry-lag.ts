import { predictExpiry } from '../../model/expire-cycle.ts';
import { infoNumber } from '../../redis/info.ts';
import { formatCount, formatLag } from '../../report/precision.ts';
import { type Finding, rule } from '../rule.ts';
import { expiriesPerSecond, keysOf, typed } from '../seen.ts';

/** What a user notices of a logout, a seat or a bill that comes late; below it nobody asks. */
const LATE_SECONDS = 10;
/** The model is good to about 15%. */
const MODEL_ERROR = 0.15;

/** A session that nobody reads waits for the cycle's cursor: how long, by the model. */
export const expiryLag = rule({
  id: 'expiry-lag',
  needs: ['settings'],
  examine(examination): Finding[] {
    const { settings, now } = examination;
    const { expires } = keysOf(examination);
    const hz = infoNumber(now, 'hz') ?? Number(settings.hz ?? 10);
    const effort = Number(settings['active-expire-effort'] ?? 1);
    const duePerSecond = expiriesPerSecond(examination);
    const lagAt = (at: { hz: number; effort: number }) => predictExpiry({ liveKeys: expires, duePerSecond }, at);
    const present = lagAt({ hz, effort });
    if (present.p99Seconds <= LATE_SECONDS) return [];
    const say = (seconds: number): string => formatLag(seconds, seconds * 1000 * MODEL_ERROR);
    const faster = lagAt({ hz: 100, effort: 10 });
    return [
      {
        severity: 'warning',
        title: `Sessions that nobody reads are told to have ended ${say(present.p50Seconds)} late, half of them later`,
        evidence: `${formatCount(expires)} keys have a TTL and ${Number(duePerSecond.toPrecision(2))} expire a second; at hz ${hz} and active-expire-effort ${effort} the cycle comes round in ${say(present.sweepSeconds)}, so that 1 in 100 waits longer than ${say(present.p99Seconds)} (by the model of the cycle, not measured)`,
        remedy: `${typed(examination, 'CONFIG', 'SET', 'hz', '100')} and active-expire-effort 10 would make it ${say(faster.p50Seconds)}; what it costs: ttlscope tune. Independent of the number of keys: an index of deadlines that the application sweeps`,
      },
    ];
  },
});
