import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StampedBytes } from './accuracy-messages.ts';
import { serverStreams } from './accuracy-pcap.ts';

const RECORD_HEADER = 12;

/** A bare socket in a process of its own, see witness.py. */
export class SocketWitness {
  readonly #child: ChildProcess;
  readonly #file: string;

  private constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#file = file;
  }

  /** Resolves when the server has confirmed its subscription. */
  static async start(port: number, directory: string): Promise<SocketWitness> {
    const file = join(directory, 'reads');
    const script = fileURLToPath(new URL('./witness.py', import.meta.url));
    const child = spawn('python3', [script, String(port), file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await Promise.race([
      once(child.stdout!, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('the socket witness (python3) ended at once'))),
    ]);
    return new SocketWitness(child, file);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it read; resolves once the server has closed its connection. */
  async reads(): Promise<StampedBytes[]> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    const content = readFileSync(this.#file);
    const reads: StampedBytes[] = [];
    for (let at = 0; at < content.length; ) {
      const from = at + RECORD_HEADER;
      const to = from + content.readUInt32LE(at + 8);
      const atMs = Number(content.readBigUInt64LE(at)) / 1e6;
      reads.push({ atMs, bytes: content.subarray(from, to) });
      at = to;
    }
    return reads;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** What tcpdump saw the server send on the loopback. */
export class Capture {
  readonly #child: ChildProcess;
  readonly #file: string;
  #said: string;

  private constructor(child: ChildProcess, file: string, said: string) {
    this.#child = child;
    this.#file = file;
    this.#said = said;
    child.stderr!.on('data', (text) => {
      this.#said += text;
    });
  }

  /** Resolves when it listens. @throws what tcpdump said, where it may not capture or is missing */
  static async start(port: number, directory: string): Promise<Capture> {
    const file = join(directory, 'packets');
    const user = process.getuid?.() === 0 ? ['-Z', 'root'] : [];
    const options = ['-i', 'lo', '-n', '-U', '-B', '65536', '-s', '0', '--time-stamp-precision', 'nano', ...user];
    const child = spawn('tcpdump', [...options, '-w', file, `tcp src port ${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => reject(new Error(said.trim())));
      child.stderr!.on('data', (text) => {
        said += text;
        if (said.includes('listening on')) resolve();
      });
    });
    child.stderr!.removeAllListeners('data');
    return new Capture(child, file, said);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it; the server's streams by client port. @throws when packets were dropped */
  async streams(): Promise<Map<number, StampedBytes[]>> {
    this.#child.kill('SIGINT');
    await once(this.#child, 'close');
    const dropped = /(\d+) packets? dropped by kernel/.exec(this.#said)?.[1];
    if (dropped !== '0') throw new Error(`tcpdump: ${dropped ?? 'unknown'} packets dropped by the kernel`);
    return serverStreams(readFileSync(this.#file));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
