/** The path of libfaketime.so.1, which `node setup.mjs --test` installs. */
export function findLibfaketime(): string | undefined;
