/** What is left out of it: time that the cycle itself takes. */
export interface KeyWorkload {
  liveKeys: number;
  duePerSecond: number;
  burst: number;
  hz: number;
  effort: number;
  /** Deadlines from 0 on are judged; the simulation ends so long after it began. */
  warmUpSeconds: number;
  seconds: number;
  draw: () => number;
}

/**
 * `activeExpireCycle` of Redis 7.0, key by key and bucket by bucket, after the source and with nothing of the model in it.
 *
 * @returns the lags of the judged keys in seconds, ascending; of a burst, due at 0, all of its keys
 */
export function cycleByKeys(workload: KeyWorkload): number[] {
  const { liveKeys, duePerSecond, burst, hz, effort, warmUpSeconds, seconds, draw } = workload;
  const keysPerLoop = 20 + 5 * (effort - 1);
  const acceptablePercent = 10 - (effort - 1);
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(4, liveKeys + burst)));
  const table: number[][] = Array.from({ length: buckets }, () => []);
  const lags: number[] = [];
  let keys = 0;
  let cursor = Math.floor(draw() * buckets);
  const add = (deadline: number): void => {
    table[Math.floor(draw() * buckets)]!.push(deadline);
    keys++;
  };
  for (let i = 0; i < liveKeys; i++) add(Infinity);
  for (let i = 0; i < burst; i++) add(0);
  const untilDue = (): number => (duePerSecond === 0 ? Infinity : -Math.log(1 - draw()) / duePerSecond);
  let nextDue = -warmUpSeconds + untilDue();
  const isOver = (now: number): boolean => (burst > 0 ? lags.length === burst : now > seconds - warmUpSeconds);
  for (let now = -warmUpSeconds + draw() / hz; !isOver(now); now += 1 / hz) {
    for (; nextDue < now; nextDue += untilDue()) add(nextDue);
    for (let isLast = now < 0 && burst > 0; !isLast && keys > 0; ) {
      const wanted = Math.min(keysPerLoop, keys);
      let [sampled, expired] = [0, 0];
      for (let checked = 0; sampled < wanted && checked < 20 * wanted; checked++) {
        const chain = table[cursor]!;
        const kept = chain.filter((deadline) => deadline >= now);
        if (kept.length < chain.length) {
          for (const deadline of chain) if (deadline < now && deadline >= 0) lags.push(now - deadline);
          table[cursor] = kept;
        }
        sampled += chain.length;
        expired += chain.length - kept.length;
        cursor = (cursor + 1) % buckets;
      }
      keys -= expired;
      isLast = sampled > 0 && Math.floor((expired * 100) / sampled) <= acceptablePercent;
    }
  }
  return lags.sort((a, b) => a - b);
}
