import type { Knot } from './scenario.ts';
import type { WrittenShape } from './written-arrivals.ts';

/** Straight pieces of a day: one each quarter of an hour, within 0.05% of the sine. */
const DAY_PIECES = 96;

/** What a shape says that cannot be, and the keys that lead to it. */
export interface ShapeFault {
  path: (string | number)[];
  message: string;
}

/** The rate that a shape means, as knots; the faults of one that does not fit into the duration. */
export function knotsOf(shape: WrittenShape, durationMs: number): { knots: Knot[]; faults: ShapeFault[] } {
  const faults: ShapeFault[] = [];
  /** What would not be seen, or not to its end. */
  const within = (toMs: number, path: ShapeFault['path'], what: string): void => {
    if (toMs <= durationMs) return;
    faults.push({ path, message: `${what} ${toMs / 1000} s after the start; the duration is ${durationMs / 1000} s` });
  };
  const knots = ((): Knot[] => {
    switch (shape.kind) {
      case 'steady':
        return [{ atMs: 0, perSecond: shape.perSecond }];
      case 'ramp': {
        const { from, to, over = durationMs } = shape;
        within(over, ['ramp', 'over'], 'ends');
        return [
          { atMs: 0, perSecond: from },
          { atMs: over, perSecond: to },
        ];
      }
      case 'steps': {
        let atMs = 0;
        return shape.steps.flatMap(({ rate: perSecond, for: lengthMs }, i) => {
          if (atMs === durationMs) faults.push({ path: ['steps', i], message: 'begins when the duration ends' });
          within(atMs, ['steps', i], 'begins');
          const step = [
            { atMs, perSecond },
            { atMs: atMs + lengthMs, perSecond },
          ];
          atMs += lengthMs;
          return step;
        });
      }
      case 'spike': {
        const { base, peak, at, for: lengthMs } = shape;
        within(at + lengthMs, ['spike', 'for'], 'ends');
        return jumps([0, base], [at, peak], [at + lengthMs, base]);
      }
      case 'diurnal': {
        const { trough, peak, 'peak-hour': peakHour } = shape;
        if (trough > peak) {
          faults.push({ path: ['diurnal', 'trough'], message: `${trough}/s is above the peak, ${peak}/s` });
        }
        return Array.from({ length: DAY_PIECES + 1 }, (_, i) => {
          const turn = i / DAY_PIECES - peakHour / 24;
          const perSecond = trough + ((peak - trough) * (1 + Math.cos(2 * Math.PI * turn))) / 2;
          return { atMs: (i / DAY_PIECES) * durationMs, perSecond };
        });
      }
      case 'logins-after-outage': {
        const { base, at, outage, within: withinMs } = shape;
        const backMs = at + outage;
        within(backMs + withinMs, ['logins-after-outage', 'within'], 'ends');
        return jumps([0, base], [at, 0], [backMs, base * (1 + outage / withinMs)], [backMs + withinMs, base]);
      }
      default:
        return shape satisfies never;
    }
  })();
  if (knots.every(({ perSecond }) => perSecond === 0)) faults.push({ path: [], message: 'is 0 at all times' });
  return { knots, faults };
}

/** Rates, each from a time on. */
function jumps(...rates: [number, number][]): Knot[] {
  return rates.flatMap(([atMs, perSecond], i) => {
    const former = rates[i - 1];
    return [...(former ? [{ atMs, perSecond: former[1] }] : []), { atMs, perSecond }];
  });
}
