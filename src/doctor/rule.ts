import type { Facts } from './facts.ts';

/**
 * `error`: sessions are being harmed, or what is asked for cannot work. `warning`: they will be under a load or an event that
 * is to be expected. `info`: nothing to mend, but to be known by whoever relies on expiry.
 */
export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Finding {
  severity: Severity;
  /** What is wrong, in a sentence without a full stop. */
  title: string;
  /** The server's figures that show it. */
  evidence: string;
  /** What to do about it. */
  remedy: string;
  /** To be typed in a shell, one a line. (Default: none) */
  commands?: readonly string[];
  /** Where more can be read: the URL of a bug, a document, or the like. */
  source?: string;
}

/** One thing that can be wrong. */
export interface Rule {
  /** In kebab-case, as the file. */
  id: string;
  /** What it asks, as a question with a short answer. */
  question: string;
  /** No finding: all is well. @throws {Untold} where the server does not tell what is needed */
  examine(facts: Facts): Finding[];
}
