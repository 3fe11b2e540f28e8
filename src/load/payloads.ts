export class Payloads {
  write(_index: number, bytes: number, target: Buffer, at: number): void {
    target.fill(120, at, at + bytes);
  }
}
