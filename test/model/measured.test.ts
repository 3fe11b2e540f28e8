import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { predictExpiry } from '../../src/model/expire-cycle.ts';

/** Of live keys, keys due a second, a burst, hz and effort: p50 and p99 in seconds, `null` where the run was too short for it. */
type Measured = readonly [number, number, number, number, number, number | null, number | null];

/** By `npm run model` on Redis 7.0.15. Keys that fall due have a TTL of 1 s: of a steady rate they are live for a second. */
const CELLS: readonly Measured[] = [];
