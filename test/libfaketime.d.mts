/** The path of libfaketime.so.1, which `node setup.mjs --test` installs. */
export function findLibfaketime(): string | undefined;

/** The environment in which a server's wall clock is off by `offset` (`+1h`); its monotonic clock is not. */
export function fakeClockEnvironment(libfaketime: string, offset: string): Record<string, string>;
