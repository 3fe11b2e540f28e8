const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a duration looks like, for schemas. */
export const DURATION_PATTERN = /^\d+(\.\d+)?(ms|s|m|h|d)$/;

export const DURATION_ALLOWED = '250ms, 30s, 5m, 1h';

/** A duration such as `1.5s` in ms; `null` when it is none. */
export function durationMs(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  const [, amount, unit] = /^([\d.]+)([a-z]+)$/.exec(text)!;
  return Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
