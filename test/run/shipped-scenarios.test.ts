import { test } from 'uvu';
import { testShipped } from './shipped.ts';

testShipped(test, (name) => !name.startsWith('store-'));

test.run();
