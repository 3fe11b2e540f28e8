/**
 * What a session takes on the server and in this process.
 *
 * Server: a string key with a TTL on Redis 7.0 with jemalloc on 64 bits, in which a key has an entry in the table of keys
 * and one in the table of TTLs, each of 24 bytes in an allocation of 32, and its name, in 32 (up to 30 bytes). The value is
 * embedded in its object up to 44 bytes, else an object of 16 and a string. Measured with INFO's `used_memory` before and
 * after 131,072 keys of Redis 7.0.15: values of 0, 20, 44, 45, 100, 200, 500, 1000, 4000, 20,000 and 200,000 bytes took
 * what this says, to within 1 byte a key. (MEMORY USAGE says 56 bytes less: it leaves out the TTLs and the tables.)
 */
const KEY_BYTES = 32 + 32 + 32;
const OBJECT_BYTES = 16;
const EMBEDDED_MOST = 44;
const EMBEDDED_HEADER = 3;
/** Header of a string that is longer than 255, and than 65,535 bytes. */
const STRING_HEADERS = [
  [255, 3],
  [65_535, 5],
  [Number.POSITIVE_INFINITY, 9],
] as const;
const TERMINATOR = 1;
/** A table has a power of two of pointers, and there are two tables. */
const POINTER_BYTES = 8;

/** What a key with a value of so many bytes takes, its place in the tables left out. */
export function keyBytes(valueBytes: number): number {
  if (valueBytes <= EMBEDDED_MOST) {
    return KEY_BYTES + allocated(OBJECT_BYTES + EMBEDDED_HEADER + valueBytes + TERMINATOR);
  }
  const [, header] = STRING_HEADERS.find(([most]) => valueBytes <= most)!;
  return KEY_BYTES + OBJECT_BYTES + allocated(header + valueBytes + TERMINATOR);
}

/** The tables of so many keys. */
export function tableBytes(keys: number): number {
  return keys === 0 ? 0 : 2 * POINTER_BYTES * 2 ** Math.ceil(Math.log2(keys));
}

/** Size of the allocation that jemalloc makes: steps of 16 up to 128, then a quarter of the power of two below. */
function allocated(bytes: number): number {
  const step = bytes <= 128 ? 16 : 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

/** A row of the ledger. */
const LEDGER_BYTES = 24;
/** End of the visit, deadline and number of requests, for each session as soon as one cohort has an activity. */
const VISIT_BYTES = 4 + 4 + 2;
/** TTL and length of the visit of a line of a trace. */
const TRACE_BYTES = 8;

/** What the sessions take in this process, beside what it takes without them. */
export function harnessBytes(sessions: number, ofTraces: number, visits: boolean): number {
  return sessions * (LEDGER_BYTES + (visits ? VISIT_BYTES : 0)) + ofTraces * TRACE_BYTES;
}
