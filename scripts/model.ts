/**
 * Holds the model of the expire cycle against a real server: `npm run model`, and `-- --only TEXT` for some of the cells,
 * `-- --server PATH` for another server than the one in PATH. Prints what was measured beside what is predicted; exit code 1
 * where they differ by more than 15%, or a cell could not be measured.
 */
import { parseArgs } from 'node:util';
import { CELLS, type Cell, nameOf } from './model/cells.ts';
import { measure, type Row } from './model/measure.ts';

const TOLERANCE = 0.15;
/** Cells that need little of a processor run so many at a time. */
const AT_A_TIME = 2;
const isBusy = ({ perSecond, burst }: Cell): boolean => Math.max(perSecond, burst / 10) > 5_000;

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, server: { type: 'string' } } });
const cells = CELLS.filter((cell) => nameOf(cell).includes(values.only));
const rows = new Map<Cell, Row[]>();

const inTurn = async (queue: Cell[]): Promise<void> => {
  for (let cell = queue.shift(); cell; cell = queue.shift()) {
    try {
      const measured = await measure(cell, values.server === undefined ? {} : { redisServer: values.server });
      rows.set(cell, measured);
      for (const row of measured) process.stderr.write(`${print(row)}\n`);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    }
  }
};
const ratioOf = ({ measured, predicted }: Row): number => predicted / measured;
const digits = (value: number): string => String(Number(value.toPrecision(3)));
const print = (row: Row): string =>
  `| ${row.cell} | ${row.what} | ${digits(row.measured)} | ${digits(row.predicted)} | ${ratioOf(row).toFixed(2)} |`;

const quiet = cells.filter((cell) => !isBusy(cell));
await Promise.all(Array.from({ length: AT_A_TIME }, () => inTurn(quiet)));
await inTurn(cells.filter(isBusy));

const all = cells.flatMap((cell) => rows.get(cell) ?? []);
const unmeasured = cells.filter((cell) => !rows.has(cell)).length;
console.log('| cell | what | measured | predicted | ratio |\n| --- | --- | --- | --- | --- |');
for (const row of all) console.log(print(row));
const off = all.filter((row) => !(Math.abs(ratioOf(row) - 1) <= TOLERANCE));
console.log(
  `\n${all.length} figures, ${off.length} off by more than ${TOLERANCE * 100}%, ${unmeasured} cells without a valid run`,
);
process.exitCode = off.length === 0 && unmeasured === 0 && all.length > 0 ? 0 : 1;
