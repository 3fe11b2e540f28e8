import type { WriteLane } from '../load/write-lane.ts';
import { mean } from '../scenario/distribution.ts';
import type { Cohort } from '../scenario/scenario.ts';

const TRIAL_COMMANDS = 2_000;
const TRIAL_LIMIT_MS = 250;
const BATCH_COMMANDS = 50;
const BATCH_BYTES = 1_000_000;
/** The server's table grows while it is filled, and others use the machine: the fill is given so much more time. */
const MARGIN = 2.5;

/**
 * How long filling the cohorts will take, ms: a trial of the write lane says, with keys of its own, which are gone
 * afterwards, and the mean payload, because the time for a session is linear in its bytes.
 *
 * @param keyOf names keys of the run that nobody observes, by a number
 */
export async function fillTimeMs(
  lane: WriteLane,
  keyOf: (number: number) => string,
  cohorts: readonly Cohort[],
): Promise<number> {
  let sessions = 0;
  let bytes = 0;
  for (const { population, payloadBytes } of cohorts) {
    if (population.kind !== 'filled') continue;
    sessions += population.sessions;
    bytes += population.sessions * mean(payloadBytes);
  }
  if (sessions === 0) return 0;
  const payload = 'x'.repeat(Math.round(bytes / sessions));
  const batch = Math.max(1, Math.min(BATCH_COMMANDS, Math.floor(BATCH_BYTES / payload.length)));
  const began = performance.now();
  let sent = 0;
  do {
    for (let i = 0; i < batch; i++) lane.send(['SET', keyOf(sent++), payload, 'PX', '60000'], () => {});
    await lane.drained(batch);
  } while (sent < TRIAL_COMMANDS && performance.now() - began < TRIAL_LIMIT_MS);
  await lane.drained(1);
  const perSessionMs = (performance.now() - began) / sent;
  while (sent > 0) lane.send(['DEL', keyOf(--sent)], () => {});
  await lane.drained(1);
  return sessions * perSessionMs * MARGIN;
}
