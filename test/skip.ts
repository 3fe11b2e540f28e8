import type { Test } from 'uvu';

/** How a line begins that tells of a skipped test; the runner repeats such lines. */
export const SKIPPED = 'skipped: ';

/**
 * `test` where `condition` holds; elsewhere a stand-in that counts the test as skipped and says why. With CI=true the
 * runner takes a skipped test for a failed one.
 *
 *     skipUnless(test, libfaketime !== undefined, 'libfaketime is missing')('a clock an hour off', async () => { … });
 */
export function skipUnless<T>(
  test: Test<T>,
  condition: boolean,
  reason: string,
): (...args: Parameters<Test<T>>) => void {
  if (condition) return test;
  return (name) => {
    test.skip();
    console.log(`${SKIPPED}${name} (${reason})`);
  };
}
