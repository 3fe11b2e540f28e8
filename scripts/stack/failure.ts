/** The stack cannot be started, or has lost a part: the message says why, and what to do. */
export class StackFailure extends Error {
  override readonly name = 'StackFailure';
}
