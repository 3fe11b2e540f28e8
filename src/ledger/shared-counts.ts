/** Counts by name whose values are in shared memory: written by one thread as those of any object, read by others. */
export interface SharedCounts<Name extends string> {
  readonly counts: Record<Name, number>;
  readonly buffer: SharedArrayBuffer;
}

/** @param buffer of other ones of the same names, to read what those count */
export function sharedCounts<Name extends string>(
  names: readonly Name[],
  buffer: SharedArrayBuffer = new SharedArrayBuffer(names.length * Float64Array.BYTES_PER_ELEMENT),
): SharedCounts<Name> {
  const values = new Float64Array(buffer);
  const counts = {} as Record<Name, number>;
  for (const [at, name] of names.entries()) {
    Object.defineProperty(counts, name, {
      enumerable: true,
      get: () => values[at],
      set: (value: number) => {
        values[at] = value;
      },
    });
  }
  return { counts, buffer };
}
