const USUAL = 80;
const LEAST = 40;

/** Columns of the terminal that standard output is; of what is none, and of one that does not tell, 80. */
export function terminalWidth(): number {
  return Math.max(LEAST, process.stdout.columns || USUAL);
}
