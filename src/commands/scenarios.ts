import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wrap } from '../report/table.ts';
import { EXIT } from './exit-codes.ts';

const COLUMNS = 80;
const GAP = 2;
/** Beside `src` in a checkout, beside `dist` in the package. */
const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));

/** `ttlscope scenarios`: what is shipped, with the title of each. Returns the exit code. */
export async function scenariosCommand(): Promise<number> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yml')).sort();
  const names = files.map((file) => file.slice(0, -'.yml'.length));
  const width = Math.max(...names.map((name) => name.length)) + GAP;
  const lines: string[] = [];
  for (const [i, file] of files.entries()) {
    const title = titleOf(await readFile(`${FOLDER}/${file}`, 'utf8'));
    const [first = '', ...rest] = wrap(title, COLUMNS - width);
    lines.push(names[i]!.padEnd(width) + first, ...rest.map((line) => ' '.repeat(width) + line));
  }
  const folder = relative('.', FOLDER);
  const shown = folder.startsWith('..') ? FOLDER : folder;
  process.stdout.write(`${lines.join('\n')}\n\nrun one: ttlscope run ${shown}/${files[0]}\n`);
  return EXIT.good;
}

/** The first line of the comment that a scenario begins with; one that is for editors is none. */
function titleOf(text: string): string {
  const line = text.split('\n').find((line) => line.startsWith('#') && !line.startsWith('# yaml-language-server'));
  return line?.replace(/^#\s*/, '') ?? '';
}
