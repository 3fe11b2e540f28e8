import type { Cohort } from '../scenario/scenario.ts';
import { drawsOf, hashOf } from './draws.ts';

/** More than the window of deflate (32 KiB): what repeats after a block does not compress. */
const BLOCK_BYTES = 256 * 1024;
/** Where slices of the block begin. A power of two. */
const PLACES = 4096;
const PLACE_BYTES = BLOCK_BYTES / PLACES;
/** Draws about the cohort as a whole: the words of its block. */
const BLOCK_INDEX = 0xfffffffe;
const OFFSET_DRAW = 0;

const HEAD = Buffer.from('{"data":"');
const TAIL = Buffer.from('"}');
const OBJECT_BYTES = HEAD.length + TAIL.length;
const DIGIT_ONE = 49;
/** What the text of a session is made of: no character that JSON would have to escape. */
const WORDS = ['user', 'name', 'cart', 'item', 'price', 'total', 'theme', 'true'];

/**
 * The contents of a cohort's sessions: a block is prepared, and each payload is a slice of it from a place that is hashed
 * from (seed, cohort, index), going on at the block's start where it ends. Some sessions have the same content: there are
 * 4096 places. The slice that was last taken at a place is kept, because making one takes three times as long as copying 200
 * bytes, and most cohorts have one size.
 */
export class Payloads {
  readonly #draws: number;
  readonly #block: Buffer;
  readonly #json: boolean;
  readonly #slices: (Uint8Array | undefined)[] = new Array(PLACES);

  /** @param cohort its position in the scenario */
  constructor(seed: number, cohort: number, content: Cohort['content']) {
    this.#draws = drawsOf(seed, cohort);
    this.#json = content === 'json';
    this.#block = this.#json ? this.#text() : this.#noise();
  }

  /**
   * Fills target[at, at + bytes) with what depends on (seed, cohort, index, bytes) alone. JSON is an object of one text, or a
   * number where an object does not fit.
   */
  write(index: number, bytes: number, target: Buffer, at: number): void {
    const place = hashOf(this.#draws, index, OFFSET_DRAW) & (PLACES - 1);
    if (!this.#json) {
      this.#copy(place, bytes, target, at);
    } else if (bytes < OBJECT_BYTES) {
      for (let i = 0; i < bytes; i++) target[at + i] = DIGIT_ONE + ((place >> i) & 7);
    } else {
      for (let i = 0; i < HEAD.length; i++) target[at + i] = HEAD[i]!;
      this.#copy(place, bytes - OBJECT_BYTES, target, at + HEAD.length);
      const end = at + bytes;
      target[end - 2] = TAIL[0]!;
      target[end - 1] = TAIL[1]!;
    }
  }

  #copy(place: number, bytes: number, target: Buffer, at: number): void {
    const block = this.#block;
    const first = place * PLACE_BYTES;
    if (first + bytes <= BLOCK_BYTES) {
      let slice = this.#slices[place];
      if (slice?.length !== bytes) {
        slice = block.subarray(first, first + bytes);
        this.#slices[place] = slice;
      }
      target.set(slice, at);
      return;
    }
    let copied = 0;
    for (let from = first; copied < bytes; from = 0) {
      copied += block.copy(target, at + copied, from, Math.min(BLOCK_BYTES, from + bytes - copied));
    }
  }

  #noise(): Buffer {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let word = 0; word < BLOCK_BYTES / 4; word++) {
      block.writeUInt32LE(hashOf(this.#draws, BLOCK_INDEX, word), 4 * word);
    }
    return block;
  }

  #text(): Buffer {
    const block = Buffer.alloc(BLOCK_BYTES, ' ');
    let at = 0;
    for (let word = 0; at < BLOCK_BYTES; word++) {
      const choice = hashOf(this.#draws, BLOCK_INDEX, word) % WORDS.length;
      at += block.write(WORDS[choice]!, at) + 1;
    }
    return block;
  }
}
