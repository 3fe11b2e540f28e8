import type { Examination } from './examination.ts';

/**
 * - `error`: sessions are lost, or their ends are not told, now
 * - `warning`: they will be, or are told late
 * - `info`: worth knowing, nothing to mend
 */
export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  severity: Severity;
  /** What is so, in a sentence. */
  title: string;
  /** What was seen that shows it. */
  evidence: string;
  /** What to do, commands as they are typed. */
  remedy: string;
  /** Where it is described. */
  source?: string;
}

/** What a rule looks at beside INFO, which is always there. */
export type Needs = 'settings' | 'clients' | 'listeners';

/** An examination in which what the rule needs is there. */
export type Examined<Needed extends Needs> = Examination & {
  [Part in Needed]: NonNullable<Examination[Part]>;
};

export interface Rule<Needed extends Needs = Needs> {
  id: string;
  needs: readonly Needed[];
  examine(examination: Examined<Needed>): Finding[];
}

/** A rule, its needs inferred. */
export const rule = <Needed extends Needs>(definition: Rule<Needed>): Rule<Needed> => definition;
