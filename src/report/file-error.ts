const CAUSES: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'it is there and is not a directory',
};

/** A file that cannot be written, read or used; the message names the path and the cause in words. */
export class FileError extends Error {
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FileError';
    this.path = path;
  }
}

export function fileError(path: string, error: unknown): FileError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new FileError(path, `cannot write ${path}: ${CAUSES[code ?? ''] ?? message}`, { cause: error });
}

export function readError(path: string, error: unknown): FileError {
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = code === 'ENOENT' ? 'no such file or directory' : (CAUSES[code ?? ''] ?? message);
  return new FileError(path, `cannot read ${path}: ${cause}`, { cause: error });
}
