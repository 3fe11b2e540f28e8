import type { Command } from '../ledger/in-flight.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { NEVER_MS } from '../ledger/rows.ts';
import type { Fence } from './fences.ts';

/**
 * Tells which sessions ended where they are fields of one hash, whose `hexpired` event names the hash and not the field.
 * Each fence carries HLEN: the fields that the ledger has and the hash has not are gone.
 *
 * Where a read deletes a field that is past its deadline (Redis), those that a read has found absent are, and each ended
 * with an event heard between the read's sending and its reply, or before. The cycle deletes in the order of deadlines, so
 * the others are those with the earliest; each ended with the first event after its deadline. Where more than one event
 * fits, the life is ambiguous.
 */
export class FieldWatch {
  readonly #ledger: Ledger;
  /** By position, whether a cohort's sessions are fields. */
  readonly #isField: readonly boolean[];
  readonly #leastLagMs: number;
  /** When `hexpired` was heard since the last fence, ascending. */
  #heardMs: number[] = [];
  /** Of these, the ones that belong to a read. */
  readonly #ofReads = new Set<number>();
  /** Reads since the last fence that found no field, by row. */
  readonly #absent = new Map<number, Command>();
  /** Sessions found to have ended, whose end waits in the ledger for commands that were in flight. */
  readonly #waiting = new Set<number>();

  /**
   * @param leastLagMs how long after its deadline a key expires at the earliest
   * @param readsDelete whether a read deletes a field that is past its deadline
   */
  constructor(ledger: Ledger, isField: readonly boolean[], leastLagMs: number, readsDelete: boolean) {
    this.#ledger = ledger;
    this.#isField = isField;
    this.#leastLagMs = leastLagMs;
    if (readsDelete) ledger.onAbsent = (read) => this.#absent.set(read.row, { ...read });
  }

  heard(atMs: number): void {
    this.#heardMs.push(atMs);
  }

  /** Everything sent before the fence is settled. */
  fence({ publishedMs, fields }: Fence): void {
    const heardMs = this.#heardMs;
    this.#heardMs = [];
    this.#ofReads.clear();
    const absent = [...this.#absent.values()];
    this.#absent.clear();
    if (fields === null) return;
    const { deadlines, rows } = this.#ledger;
    for (const row of this.#waiting) if (rows.inFlight[row] === 0 || !rows.isPresent(row)) this.#waiting.delete(row);
    const ofLedger = this.#isField.reduce((sum, is, cohort) => sum + (is ? deadlines.of(cohort).present : 0), 0);
    const gone = ofLedger - this.#waiting.size - fields;
    if (gone <= 0) return;
    const found = absent.filter(({ row }) => this.#isDue(row, publishedMs)).slice(0, gone);
    for (const read of found) this.#endedByRead(read, heardMs, publishedMs);
    for (const row of this.#dueFirst(publishedMs).slice(0, gone - found.length)) this.#ended(row, heardMs, publishedMs);
  }

  #endedByRead(read: Command, heardMs: readonly number[], publishedMs: number): void {
    const { row, sentMs, repliedMs } = read;
    const { clockErrorMs, latestDeliveryMs } = this.#ledger.bounds;
    const own = heardMs.filter(
      (atMs) => atMs >= sentMs - clockErrorMs && atMs <= repliedMs + latestDeliveryMs + clockErrorMs,
    );
    const atMs = this.#pick(row, own);
    if (atMs === null) {
      this.#ended(row, heardMs, publishedMs);
      return;
    }
    this.#ofReads.add(atMs);
    this.#tell(row, atMs, read);
  }

  #ended(row: number, heardMs: readonly number[], publishedMs: number): void {
    const ledger = this.#ledger;
    const fromMs = ledger.rows.deadlineMs[row]! + this.#leastLagMs - ledger.bounds.clockErrorMs;
    const atMs = this.#pick(
      row,
      heardMs.filter((atMs) => atMs >= fromMs),
    );
    if (atMs === null) ledger.vanished(row, publishedMs);
    else this.#tell(row, atMs, null);
  }

  /** Which of the events that fit told of its end: the first that is no read's; ambiguous where there is a choice, or none left. */
  #pick(row: number, fitting: readonly number[]): number | null {
    const free = fitting.filter((atMs) => !this.#ofReads.has(atMs));
    if (fitting.length > 0 && free.length !== 1) this.#ledger.leaveOpen(row);
    return free[0] ?? fitting[0] ?? null;
  }

  #tell(row: number, atMs: number, by: Command | null): void {
    this.#ledger.heard(row, 'expired', atMs, by);
    if (this.#ledger.rows.isPresent(row)) this.#waiting.add(row);
  }

  /** Rows that the ledger has past their deadline, the earliest first. */
  #dueFirst(atMs: number): number[] {
    const { rows } = this.#ledger;
    const due: number[] = [];
    for (let row = 0; row < rows.count; row++) if (this.#isDue(row, atMs)) due.push(row);
    return due.sort((a, b) => rows.deadlineMs[a]! - rows.deadlineMs[b]!);
  }

  #isDue(row: number, atMs: number): boolean {
    const { rows } = this.#ledger;
    const deadlineMs = rows.deadlineMs[row]!;
    if (deadlineMs > atMs || deadlineMs === NEVER_MS || !this.#isField[rows.cohort[row]!]) return false;
    return rows.isPresent(row) && !this.#waiting.has(row);
  }
}
