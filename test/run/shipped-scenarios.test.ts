import { test } from 'uvu';
import { FULL_MEMORY, testShipped } from './shipped.ts';

testShipped(test, (name) => !name.startsWith('store-') && !FULL_MEMORY.includes(name));

test.run();
