import { FileError } from '../report/file-error.ts';

/** For an experiment whose file can no longer be written: what was measured is printed all the same. */
export function unwrittenFile(error: unknown): FileError {
  if (error instanceof FileError) return error;
  throw error;
}
