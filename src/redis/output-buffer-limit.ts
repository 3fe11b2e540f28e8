/** Limits of the output buffer of a connection; 0: none. */
export interface OutputBufferLimit {
  hardBytes: number;
  softBytes: number;
  softSeconds: number;
}

/**
 * The limits of one class of clients in the value that CONFIG GET has for `client-output-buffer-limit`; `null`: it does not
 * tell of that class.
 */
export function outputBufferLimit(value: string, client: 'normal' | 'slave' | 'pubsub'): OutputBufferLimit | null {
  const words = value.split(/\s+/);
  const at = words.indexOf(client);
  if (at < 0) return null;
  const [hardBytes = 0, softBytes = 0, softSeconds = 0] = words.slice(at + 1, at + 4).map(Number);
  return { hardBytes, softBytes, softSeconds };
}
