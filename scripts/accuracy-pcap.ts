import type { StampedBytes } from './accuracy-messages.ts';

const MICROSECOND_MAGIC = 0xa1b2c3d4;
const NANOSECOND_MAGIC = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const ETHERNET = 1;
const SYN = 2;

/**
 * The streams that a server sent, by the client's port, from a capture on the loopback (pcap, Ethernet, IPv4).
 * Reassembled by TCP's sequence numbers; each piece has the kernel's time of its segment.
 *
 * @throws where bytes of a stream are missing
 */
export function serverStreams(capture: Buffer): Map<number, StampedBytes[]> {
  const magic = capture.readUInt32LE(0);
  if (magic !== MICROSECOND_MAGIC && magic !== NANOSECOND_MAGIC) throw new Error('not a little-endian pcap file');
  if (capture.readUInt32LE(20) !== ETHERNET) throw new Error('not a capture of Ethernet frames');
  const fractionsPerMs = magic === NANOSECOND_MAGIC ? 1e6 : 1e3;
  const streams = new Map<number, Stream>();

  let next = FILE_HEADER;
  while (next + RECORD_HEADER <= capture.length) {
    const at = next;
    const captured = capture.readUInt32LE(at + 8);
    next = at + RECORD_HEADER + captured;
    if (next > capture.length) throw new Error('the capture ends within a packet');
    if (captured < capture.readUInt32LE(at + 12)) throw new Error('a packet was captured in part');
    const ip = at + RECORD_HEADER + ETHERNET_HEADER;
    const tcp = ip + (capture[ip]! & 15) * 4;
    const port = capture.readUInt16BE(tcp + 2);
    const sequence = capture.readUInt32BE(tcp + 4);
    if (capture[tcp + 13]! & SYN) {
      streams.set(port, new Stream(sequence + 1));
      continue;
    }
    const payload = capture.subarray(tcp + (capture[tcp + 12]! >> 4) * 4, ip + capture.readUInt16BE(ip + 2));
    const atMs = capture.readUInt32LE(at) * 1000 + capture.readUInt32LE(at + 4) / fractionsPerMs;
    if (payload.length > 0) streams.get(port)?.add(sequence, { atMs, bytes: payload });
  }
  return new Map([...streams].map(([port, stream]) => [port, stream.pieces()]));
}

/** One direction of a connection. Segments may be captured out of order, when two processors send them. */
class Stream {
  readonly #pieces: StampedBytes[] = [];
  #early: { sequence: number; piece: StampedBytes }[] = [];
  #next: number;
  #latestMs = 0;

  constructor(firstSequence: number) {
    this.#next = firstSequence;
  }

  add(sequence: number, piece: StampedBytes): void {
    const known = (this.#next - sequence) | 0;
    if (known < 0) {
      this.#early.push({ sequence, piece });
      return;
    }
    if (known >= piece.bytes.length) return;
    const bytes = piece.bytes.subarray(known);
    this.#next += bytes.length;
    this.#latestMs = Math.max(this.#latestMs, piece.atMs);
    this.#pieces.push({ atMs: this.#latestMs, bytes });
    for (const { sequence, piece } of this.#early.splice(0)) this.add(sequence, piece);
  }

  pieces(): StampedBytes[] {
    if (this.#early.length > 0) throw new Error('bytes of a stream are missing in the capture');
    return this.#pieces;
  }
}
