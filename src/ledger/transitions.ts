import { OUTCOMES, type OutcomeName } from './outcome.ts';

/**
 * What the ledger holds of a session:
 *
 * - `planned`: nothing sent yet
 * - `live`: created, and no end known; its deadline may have passed
 * - `unsure`: as `live`, but a command about it was never answered, so that two deadlines are possible, or no key
 * - `open`: as `live`, but a command of ours may have carried a deadline already past, which is a delete
 * - an outcome: the life has ended
 */
export const STATES = ['planned', 'live', 'unsure', 'open', ...OUTCOMES] as const;

export type State = (typeof STATES)[number];

/**
 * What is known to have happened on the server, in the server's order:
 *
 * - `created`, `refused`, `unanswered`: what became of a command
 * - `present`: a reply showed the key, not past its deadline; `moved`: and gave it a new deadline
 * - `moved-past`: as `moved`, but the new deadline may have been past when the server got to it
 * - `expired`, `expired-too-early`, `evicted-early`, `evicted-stale`: an event, judged against the deadline in force
 * - `deleted`: our DEL removed it
 * - `gone`, `gone-in-gap`: a reply showed no key, and no event told of its end; without or with a gap since it was
 *   last known present
 * - `reborn`: a rewrite created the key anew
 * - `kept`, `overdue`: in memory at the cut-off, with its deadline ahead or behind
 * - `altered`: there at the cut-off, without the deadline that we set
 * - `unasked`: the server could not be asked
 */
export const FACTS = [
  'created',
  'refused',
  'unanswered',
  'present',
  'moved',
  'moved-past',
  'expired',
  'expired-too-early',
  'evicted-early',
  'evicted-stale',
  'deleted',
  'gone',
  'gone-in-gap',
  'reborn',
  'kept',
  'overdue',
  'altered',
  'unasked',
] as const;

export type Fact = (typeof FACTS)[number];

const ends = {
  expired: 'expired',
  'expired-too-early': 'lost',
  'evicted-early': 'evicted_early',
  'evicted-stale': 'evicted_stale',
  deleted: 'logged_out',
  kept: 'alive',
  overdue: 'stale',
  altered: 'lost',
  unasked: 'unknown',
} satisfies Partial<Record<Fact, OutcomeName>>;

const ended = { reborn: 'live' } satisfies Partial<Record<Fact, State>>;

/**
 * The table of transitions: state × fact → next state. A pair that is absent changes nothing and is counted as
 * stray. Every entry into an outcome ends one life; `created`, `moved-past`, `refused` and `unanswered` out of `planned`,
 * and `reborn`, begin one: which is why attempted = the sum of the outcomes once no life is left without an end.
 */
export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Fact, State>>>>> = {
  planned: { created: 'live', 'moved-past': 'open', refused: 'refused', unanswered: 'unsure' },
  live: {
    ...ends,
    present: 'live',
    moved: 'live',
    'moved-past': 'open',
    unanswered: 'unsure',
    gone: 'lost',
    'gone-in-gap': 'unknown',
  },
  unsure: {
    ...ends,
    // The command that was never answered, or the one that it belonged to, may have left it so.
    altered: 'unknown',
    present: 'unsure',
    moved: 'live',
    'moved-past': 'open',
    unanswered: 'unsure',
    gone: 'unknown',
    'gone-in-gap': 'unknown',
  },
  open: {
    ...ends,
    present: 'live',
    moved: 'live',
    'moved-past': 'open',
    unanswered: 'unsure',
    gone: 'logged_out',
    'gone-in-gap': 'logged_out',
  },
  expired: ended,
  evicted_early: ended,
  evicted_stale: ended,
  logged_out: ended,
  alive: {},
  stale: {},
  lost: ended,
  unknown: ended,
  refused: ended,
};

/** Whether a state is an outcome, that is, whether its life has ended. */
export function isOutcome(state: State): state is OutcomeName {
  return state !== 'planned' && state !== 'live' && state !== 'unsure' && state !== 'open';
}
