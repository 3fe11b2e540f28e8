import { type FileHandle, open } from 'node:fs/promises';
import type { LifeRow } from '../run/life-row.ts';
import { fileError } from './file-error.ts';

const HEADER = 'key,cohort,deadline_ms,outcome,cause,heard_ms,lag_ms,ambiguous\n';
/** Characters gathered before they are written: large writes, and little memory. */
const CHUNK_LENGTH = 1 << 20;

/**
 * The file of `--sessions`: a row for each life, quoted as RFC 4180 has it, lines ended by LF. Rows are gathered and
 * written a chunk at a time, while the next chunk is gathered.
 */
export class SessionsCsv {
  readonly #path: string;
  readonly #file: FileHandle;
  #chunk = '';
  #writing: Promise<void> | null = null;
  #failure: Error | null = null;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Creates or empties the file and writes its header, so that a path that cannot be written is known at once. */
  static async open(path: string): Promise<SessionsCsv> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'w');
      await file.appendFile(HEADER);
      return new SessionsCsv(path, file);
    } catch (error) {
      await file?.close();
      throw fileError(path, error);
    }
  }

  /**
   * Adds a row. Where it returns a promise, the disk is behind: await it before the next row. Once a write has failed,
   * rows go nowhere, and close() tells why.
   */
  row(life: LifeRow): void | Promise<void> {
    if (this.#failure) return;
    this.#chunk +=
      `${quote(life.key)},${quote(life.cohort)},${time(life.deadlineMs)},${life.outcome},` +
      `${quote(life.cause ?? '')},${time(life.heardMs)},${time(life.lagMs)},${life.ambiguous}\n`;
    if (this.#chunk.length < CHUNK_LENGTH) return;
    if (this.#writing) return this.#writing;
    this.#startWriting();
  }

  /**
   * Writes what is left and closes the file.
   *
   * @throws FileError that names the path, when not all could be written
   */
  async close(): Promise<void> {
    await this.#writing;
    if (!this.#failure) this.#startWriting();
    await this.#writing;
    await this.#file.close();
    if (this.#failure) throw this.#failure;
  }

  #startWriting(): void {
    const chunk = this.#chunk;
    this.#chunk = '';
    this.#writing = this.#file.appendFile(chunk).then(
      () => {
        this.#writing = null;
      },
      (error) => {
        this.#writing = null;
        this.#failure = fileError(this.#path, error);
      },
    );
  }
}

function time(ms: number | null): string {
  return ms === null ? '' : ms.toFixed(3);
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
