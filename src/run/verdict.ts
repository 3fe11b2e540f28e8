import type { ServerFacts } from '../redis/inspect.ts';
import type { CountVerdict } from './count-check.ts';

/** What a run reports of itself, as far as the verdict depends on it. Milliseconds. */
export interface Evidence {
  lawBroken: readonly string[];
  clockSteps: readonly { sizeMs: number; clock: string }[];
  clockErrorMs: number;
  tooEarly: { count: number; worstMs: number };
  strays: number;
  deadlineErrorMs: number;
  /** By how much a checked deadline was off beyond the error claimed for it. */
  deadlineExcessMs: number;
  slipP99Ms: number;
  /** Time of the load in which the server took no more commands. */
  heldUpMs: number;
  /** Processor time of the harness, all threads, to the time of the run. */
  processorShare: number;
  observerDelayP99Ms: number;
  gaps: readonly { fromMs: number; toMs: number; reason: string }[];
  /** Of the server's output buffer for a subscriber: `hard soft seconds`; `null` where it does not tell. */
  pubsubLimit: string | null;
  canaryViolations: readonly { kind: string; byMs: number }[];
  canariesFlipped: number;
  canariesPlanned: number;
  checks: Readonly<Record<string, CountVerdict>>;
  stalls: readonly { fromMs: number; lengthMs: number }[];
  serverEnded: string | null;
  refused: number;
  /** Why the connection of the load was lost, each time. */
  laneCuts: readonly string[];
  /** Commands of the load whose reply was lost with it. */
  unanswered: number;
  /** Planned sessions whose creation was never sent. */
  unsent: number;
  /** Sessions that the server could not be asked about after the cut-off. */
  unasked: number;
  /** Events heard while the observer's thread stood still, of all; and for how long it did at most. */
  heardInStalls: number;
  heard: number;
  longestStallMs: number;
  errors: ReadonlyMap<string, number>;
  /** Of the server's settings, what a reader should know. */
  settingsRemarks: readonly string[];
}

/** `Evidence.pubsubLimit` of a server. */
export function pubsubLimitOf({ settings }: Pick<ServerFacts, 'settings'>): string | null {
  return /pubsub (\d+ \d+ \d+)/.exec(settings['client-output-buffer-limit'] ?? '')?.[1] ?? null;
}

/** One period of the expire cycle at hz 10: what is later or less certain than that hides the thing measured. */
const CYCLE_PERIOD_MS = 100;
const CLOCK_ERROR_LIMIT_MS = CYCLE_PERIOD_MS / 2;
const DEADLINE_ERROR_LIMIT_MS = 655;

const NO_LIMIT = '0 0 0';

/** As for the other figures at p99. */
const MOST_HEARD_IN_STALLS = 0.01;

const isHeardLate = ({ heardInStalls, heard }: Evidence): boolean => heardInStalls > MOST_HEARD_IN_STALLS * heard;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const millis = (ms: number): string => `${ms.toFixed(2)} ms`;

/** Why the figures cannot be trusted. Empty: they can. */
export function faults(evidence: Evidence): string[] {
  const reasons: string[] = [];
  const add = (when: boolean, reason: () => string): void => {
    if (when) reasons.push(reason());
  };
  add(
    evidence.laneCuts.length > 0 || evidence.unanswered > 0,
    () =>
      `the connection of the load was lost (${[...new Set(evidence.laneCuts)].join('; ')}): ` +
      `${evidence.unanswered} commands may have been executed or not`,
  );
  add(evidence.unsent > 0, () => `${evidence.unsent} sessions that were planned were never sent`);
  add(
    evidence.unasked > 0,
    () => `the server could not be asked what had become of ${evidence.unasked} sessions at the cut-off`,
  );
  const { tooEarly, gaps, canaryViolations, deadlineExcessMs } = evidence;
  add(evidence.serverEnded !== null, () => `the server could not be reached to the end: ${evidence.serverEnded}`);
  add(
    evidence.lawBroken.length > 0,
    () => `attempted is not the sum of the outcomes in ${evidence.lawBroken.join(', ')}: a defect of ttlscope`,
  );
  for (const { sizeMs, clock } of evidence.clockSteps) {
    reasons.push(`the ${clock}'s clock stepped by ${millis(sizeMs)} during the run`);
  }
  for (const { fromMs, toMs, reason } of gaps) {
    const length = Number.isFinite(toMs) ? `for ${seconds(toMs - fromMs)}` : 'to the end';
    reasons.push(`events may have been missed from ${seconds(fromMs)} ${length}: ${reason}`);
  }
  add(
    gaps.length > 0 &&
      evidence.serverEnded === null &&
      evidence.pubsubLimit !== null &&
      evidence.pubsubLimit !== NO_LIMIT,
    () =>
      `a subscriber that is cut may have overrun its output buffer: client-output-buffer-limit has pubsub ` +
      `${evidence.pubsubLimit} (hard, soft, seconds); with pubsub 0 0 0 there is none`,
  );
  add(
    tooEarly.count > 0,
    () =>
      `${tooEarly.count} expired events came before their deadline, by up to ${millis(tooEarly.worstMs)}: ` +
      'someone else moved deadlines, or a clock is wrong',
  );
  add(canaryViolations.length > 0, () => {
    const worst = canaryViolations.reduce((a, b) => (b.byMs > a.byMs ? b : a));
    return `${canaryViolations.length} canaries broke the time: the worst was ${worst.kind}, by ${millis(worst.byMs)}`;
  });
  add(
    evidence.canariesPlanned > 8 && evidence.canariesFlipped === 0 && canaryViolations.length === 0,
    () => 'no canary could be seen to flip, so that nothing proves the time',
  );
  for (const [name, check] of Object.entries(evidence.checks)) {
    add(
      check.state === 'broken',
      () => `${name}: the server's is ${moreOrFewer(check.worstDifference)} than ours at a fence`,
    );
  }
  add(evidence.clockErrorMs > CLOCK_ERROR_LIMIT_MS, () => `the clock's error reached ${millis(evidence.clockErrorMs)}`);
  add(
    evidence.deadlineErrorMs >= DEADLINE_ERROR_LIMIT_MS,
    () => `deadlines are known to no better than ${millis(evidence.deadlineErrorMs)}`,
  );
  add(
    deadlineExcessMs > 0,
    () => `a deadline was off by ${millis(deadlineExcessMs)} more than the error claimed for it`,
  );
  add(evidence.slipP99Ms > CYCLE_PERIOD_MS, () => lateLoad(evidence));
  add(
    evidence.observerDelayP99Ms > CYCLE_PERIOD_MS,
    () => `the observer's thread was held up: ${millis(evidence.observerDelayP99Ms)} at p99`,
  );
  add(
    isHeardLate(evidence),
    () =>
      `${evidence.heardInStalls} of ${evidence.heard} events were heard late, by up to ` +
      `${seconds(evidence.longestStallMs)}: the observer's thread stood still`,
  );
  add(
    evidence.strays > 0 && evidence.unanswered === 0,
    () => `${evidence.strays} events or replies fit no session: someone else touches these keys`,
  );
  return reasons;
}

/** `12 more`, `1 fewer`. */
function moreOrFewer(difference: number): string {
  return `${Math.abs(difference)} ${difference > 0 ? 'more' : 'fewer'}`;
}

function lateLoad({ slipP99Ms, processorShare, heldUpMs }: Evidence): string {
  const late = `the load was late: 1 in 100 commands left more than ${millis(slipP99Ms)} after its time`;
  const used = `the harness used ${Math.round(processorShare * 100)}% of a processor`;
  const held = `for ${seconds(heldUpMs)} of the load the server took no more commands`;
  return heldUpMs > 0 ? `${late}; ${used}; ${held}` : `${late}; ${used}`;
}

/** What a reader should know of a run whose figures can be trusted. */
export function remarks(evidence: Evidence): string[] {
  const notes = [...evidence.settingsRemarks];
  const { slipP99Ms } = evidence;
  if (slipP99Ms > CYCLE_PERIOD_MS / 10 && slipP99Ms <= CYCLE_PERIOD_MS) notes.push(lateLoad(evidence));
  for (const { fromMs, lengthMs } of evidence.stalls) {
    notes.push(`the server answered nothing for ${seconds(lengthMs)}, from ${seconds(fromMs)} on`);
  }
  if (evidence.longestStallMs > 0 && !isHeardLate(evidence)) {
    const late = `${evidence.heardInStalls} of ${evidence.heard} events were heard late by it`;
    notes.push(`the observer's thread stood still for up to ${seconds(evidence.longestStallMs)}: ${late}`);
  }
  if (evidence.refused > 0) {
    const codes = [...evidence.errors].map(([code, count]) => `${code} × ${count}`).join(', ');
    notes.push(`the server refused ${evidence.refused} sessions (error replies: ${codes})`);
  }
  for (const [name, check] of Object.entries(evidence.checks)) {
    if (check.state === 'not possible') notes.push(`${name} could not be checked: ${check.reason}`);
  }
  return notes;
}
