import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadQueue } from '../../src/observe/read-queue.ts';

const READ_BYTES = 128 * 1024;

const test = suite('read queue');

interface Seen {
  bytes: number[];
  reads: [number, number][];
  end: Promise<void>;
}

function collect(reads: number): { queue: ReadQueue; seen: Seen } {
  let ended = (): void => {};
  const seen: Seen = { bytes: [], reads: [], end: new Promise((resolve) => (ended = resolve)) };
  const queue = new ReadQueue({
    parse: (bytes) => seen.bytes.push(...bytes),
    parsed: (arrivalMonoMs, size) => {
      seen.reads.push([arrivalMonoMs, size]);
      if (seen.reads.length === reads) ended();
    },
  });
  return { queue, seen };
}

const size = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: READ_BYTES }));
const bursts = fc.array(fc.array(size, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });

test('every byte is parsed once and in order, whatever the reads, and each read keeps its arrival', async () => {
  await fc.assert(
    fc.asyncProperty(bursts, fc.boolean(), async (sizes, drained) => {
      const { queue, seen } = collect(sizes.flat().length);
      const bytes: number[] = [];
      const reads: [number, number][] = [];
      for (const burst of sizes) {
        for (const bytesRead of burst) {
          const memory = queue.next;
          assert.is(memory.length, READ_BYTES);
          for (let i = 0; i < bytesRead; i++) {
            memory[i] = (bytes.length * 31) % 251;
            bytes.push(memory[i]!);
          }
          reads.push([reads.length, bytesRead]);
          queue.add(reads.length - 1, bytesRead);
        }
        await new Promise(setImmediate);
      }
      if (drained) queue.drain();
      await seen.end;
      assert.equal(seen.reads, reads);
      assert.ok(Buffer.from(seen.bytes).equals(Buffer.from(bytes)));
    }),
    { numRuns: 30 },
  );
});

test.run();
