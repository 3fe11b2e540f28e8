const UNITS_BYTES = { '': 1, B: 1, kB: 1_000, KiB: 1_024, MB: 1_000_000, MiB: 1_048_576 } as const;

/** What a size looks like, for schemas. */
export const SIZE_PATTERN = /^\d+(\.\d+)? ?(B|kB|KiB|MB|MiB)?$/;

export const SIZE_ALLOWED = '200, 2kB, 1KiB';

/** A size such as `2kB` in bytes; `null` when it is none. */
export function sizeBytes(value: string | number): number | null {
  const text = String(value);
  if (!SIZE_PATTERN.test(text)) return null;
  const [, amount, unit] = /^([\d.]+) ?([A-Za-z]*)$/.exec(text)!;
  return Math.round(Number(amount) * UNITS_BYTES[unit as keyof typeof UNITS_BYTES]);
}
