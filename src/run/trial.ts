import type { WriteLane } from '../load/write-lane.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';
import { mean } from '../scenario/distribution.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { storeProfile } from '../stores/index.ts';

/** The first of them are slow, until what sends them is compiled. */
const WARM_UP_COMMANDS = 10_000;
const TRIAL_COMMANDS = 20_000;
const TRIAL_LIMIT_MS = 250;
const BATCH_COMMANDS = 500;
const BATCH_BYTES = 1_000_000;
/** The server's table grows while it is filled, and others use the machine: the fill is given so much more time. */
const MARGIN = 1.5;

/** What a few keys of the run's own, gone afterwards, show of the server. */
export interface Trial {
  /** Of a SET with the mean payload, one after the other in a pipeline. */
  commandMs: number;
  /** MEMORY USAGE of a key without a payload, and with the mean one; `null` where the server does not tell. */
  emptyKeyBytes: number | null;
  meanKeyBytes: number | null;
  meanPayloadBytes: number;
}

/** @param keyOf names keys of the run that nobody observes, by a number */
export async function tryServer(
  lane: WriteLane,
  keyOf: (number: number) => string,
  scenario: Scenario,
): Promise<Trial> {
  const meanPayloadBytes = Math.round(meanPayloadOf(scenario));
  const payload = 'x'.repeat(meanPayloadBytes);
  const batch = Math.max(1, Math.min(BATCH_COMMANDS, Math.floor(BATCH_BYTES / (payload.length + 1))));
  let sent = 0;
  const send = async (count: number): Promise<number> => {
    const [began, first] = [performance.now(), sent];
    do {
      for (let i = 0; i < batch; i++) lane.send(['SET', keyOf(sent++), payload, 'PX', '60000'], () => {});
      await lane.drained(Math.max(1, batch / 2));
    } while (sent < first + count && performance.now() - began < TRIAL_LIMIT_MS);
    await lane.drained(1);
    return (performance.now() - began) / (sent - first);
  };
  await send(WARM_UP_COMMANDS);
  const commandMs = await send(TRIAL_COMMANDS - WARM_UP_COMMANDS);
  const meanKeyBytes = await usageOf(lane, keyOf(0));
  lane.send(['SET', keyOf(0), '', 'PX', '60000'], () => {});
  const emptyKeyBytes = await usageOf(lane, keyOf(0));
  while (sent > 0) lane.send(['DEL', keyOf(--sent)], () => {});
  await lane.drained(1);
  return { commandMs, emptyKeyBytes, meanKeyBytes, meanPayloadBytes };
}

/** How long filling the cohorts will take, ms: each command as long as the trial's. */
export function fillTimeMs({ cohorts }: Scenario, { commandMs }: Trial): number {
  const commands = cohorts.reduce((sum, { population, store }) => {
    return population.kind === 'filled' ? sum + population.sessions * storeProfile(store).create.length : sum;
  }, 0);
  return commands * commandMs * MARGIN;
}

/** Of a filled session where there are such, because the fill's time is linear in the bytes; else of any. */
function meanPayloadOf({ cohorts }: Scenario): number {
  let sessions = 0;
  let bytes = 0;
  for (const { population, payloadBytes } of cohorts) {
    const weight = population.kind === 'filled' ? population.sessions : 1e-6;
    sessions += weight;
    bytes += weight * mean(payloadBytes);
  }
  return bytes / sessions;
}

function usageOf(lane: WriteLane, key: string): Promise<number | null> {
  return new Promise((resolve) => {
    lane.send(['MEMORY', 'USAGE', key], (reply: Reply | undefined) => {
      resolve(reply instanceof ReplyError || typeof reply !== 'number' ? null : reply);
    });
    lane.flush();
  });
}
