/**
 * Places for labels, from above downwards, each at least `apart` below the one before and none below `bottom`: as near to
 * where they belong as that allows.
 *
 * @param wanted ascending
 */
export function spreadLabels(wanted: readonly number[], apart: number, bottom: number): number[] {
  let least = Number.NEGATIVE_INFINITY;
  const pushed = wanted.map((at) => {
    const place = Math.max(at, least);
    least = place + apart;
    return place;
  });
  let most = bottom;
  const placed = pushed.toReversed().map((at) => {
    const place = Math.min(at, most);
    most = place - apart;
    return place;
  });
  return placed.toReversed();
}
