import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { missingFlags, unionFlags } from '../../src/redis/notify-flags.ts';

for (const [set, needed, missing] of [
  ['', 'Exe', 'Exe'],
  ['Ex', 'Exe', 'e'],
  ['xE', 'Ex', ''],
  ['Kx', 'Ex', 'E'],
  ['A', 'Ex', 'E'],
  ['AE', 'Exeg$lshztd', ''],
  ['AKE', 'Exen', 'n'],
  ['AKEn', 'Exen', ''],
  ['AE', 'Emnoc', 'mnoc'],
] as const) {
  test(`"${set}" lacks "${missing}" of "${needed}", and with it has both`, () => {
    assert.is(missingFlags(set, needed), missing);
    assert.is(unionFlags(set, needed), set + missing);
    assert.is(missingFlags(unionFlags(set, needed), needed), '');
  });
}

test.run();
