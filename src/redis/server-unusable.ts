/** The server cannot be reached or used: the message is the cause, `remedy` what to do about it. */
export class ServerUnusable extends Error {
  override readonly name = 'ServerUnusable';
  readonly remedy: string;

  constructor(cause: string, remedy: string) {
    super(cause);
    this.remedy = remedy;
  }
}
