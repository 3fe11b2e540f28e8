import type { Ledger } from '../ledger/ledger.ts';
import { NEVER_MS } from '../ledger/rows.ts';
import type { Fence } from './fences.ts';

/**
 * Tells which sessions ended where they are fields of one hash, whose `hexpired` event names the hash and not the field.
 * Each fence carries HLEN: the fields that the ledger has and the hash has not are gone. A server deletes them in the order
 * of their deadlines, so they are those with the earliest; each ended with the first `hexpired` after its deadline, which is
 * ambiguous where there was more than one between two fences.
 */
export class FieldWatch {
  readonly #ledger: Ledger;
  /** By position, whether a cohort's sessions are fields. */
  readonly #isField: readonly boolean[];
  readonly #leastLagMs: number;
  /** When `hexpired` was heard since the last fence, ascending. */
  #heardMs: number[] = [];
  /** Sessions found to have ended, whose end waits in the ledger for commands that were in flight. */
  readonly #waiting = new Set<number>();

  /** @param leastLagMs how long after its deadline a key expires at the earliest */
  constructor(ledger: Ledger, isField: readonly boolean[], leastLagMs: number) {
    this.#ledger = ledger;
    this.#isField = isField;
    this.#leastLagMs = leastLagMs;
  }

  heard(atMs: number): void {
    this.#heardMs.push(atMs);
  }

  /** Everything sent before the fence is settled. */
  fence({ publishedMs, fields }: Fence): void {
    const heardMs = this.#heardMs;
    this.#heardMs = [];
    if (fields === null) return;
    const { presentIn, rows } = this.#ledger;
    for (const row of this.#waiting) if (rows.inFlight[row] === 0 || !rows.isPresent(row)) this.#waiting.delete(row);
    const ofLedger = this.#isField.reduce((sum, is, cohort) => sum + (is ? presentIn[cohort]! : 0), 0);
    const gone = ofLedger - this.#waiting.size - fields;
    if (gone <= 0) return;
    for (const row of this.#dueFirst(publishedMs).slice(0, gone)) {
      this.#ended(row, heardMs, publishedMs);
      if (rows.isPresent(row)) this.#waiting.add(row);
    }
  }

  #ended(row: number, heardMs: readonly number[], publishedMs: number): void {
    const ledger = this.#ledger;
    const fromMs = ledger.rows.deadlineMs[row]! + this.#leastLagMs - ledger.bounds.clockErrorMs;
    const after = heardMs.filter((atMs) => atMs >= fromMs);
    if (after.length === 0) {
      ledger.vanished(row, publishedMs);
      return;
    }
    if (after.length > 1) ledger.leaveOpen(row);
    ledger.heard(row, 'expired', after[0]!);
  }

  /** Rows that the ledger has past their deadline, the earliest first. */
  #dueFirst(atMs: number): number[] {
    const { rows } = this.#ledger;
    const due: number[] = [];
    for (let row = 0; row < rows.count; row++) {
      const deadlineMs = rows.deadlineMs[row]!;
      if (deadlineMs > atMs || deadlineMs === NEVER_MS || !this.#isField[rows.cohort[row]!]) continue;
      if (rows.isPresent(row) && !this.#waiting.has(row)) due.push(row);
    }
    return due.sort((a, b) => rows.deadlineMs[a]! - rows.deadlineMs[b]!);
  }
}
