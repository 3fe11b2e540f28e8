import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SessionsCsv } from '../../src/report/sessions-csv.ts';
import type { LifeRow } from '../../src/run/life-row.ts';

const life: LifeRow = {
  key: 'ttlscope:a1:s7',
  cohort: 'visitors',
  deadlineMs: 1_764_000_000_123,
  outcome: 'expired',
  cause: 'cycle',
  heardMs: 1_764_000_000_406.25,
  lagMs: 283.25,
  ambiguous: false,
};

let dir: string;
test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ttlscope-csv-'));
});
test.after(() => rm(dir, { recursive: true }));

async function written(rows: LifeRow[]): Promise<string> {
  const path = join(dir, 'sessions.csv');
  const csv = await SessionsCsv.open(path);
  for (const row of rows) await csv.row(row);
  await csv.close();
  return readFile(path, 'utf8');
}

test('a row for each life, times with microseconds, empty where there is none', async () => {
  const refused: LifeRow = {
    key: 'ttlscope:a1:s8',
    cohort: 'visitors',
    deadlineMs: null,
    outcome: 'refused',
    cause: null,
    heardMs: null,
    lagMs: null,
    ambiguous: true,
  };
  assert.is(
    await written([life, refused]),
    'key,cohort,deadline_ms,outcome,cause,heard_ms,lag_ms,ambiguous\n' +
      'ttlscope:a1:s7,visitors,1764000000123.000,expired,cycle,1764000000406.250,283.250,false\n' +
      'ttlscope:a1:s8,visitors,,refused,,,,true\n',
  );
});

test('fields are quoted as RFC 4180 has it', async () => {
  const text = await written([
    { ...life, cohort: 'a,b' },
    { ...life, cohort: 'say "hi"' },
    { ...life, cohort: 'two\nlines' },
  ]);
  assert.ok(text.includes(',"a,b",'));
  assert.ok(text.includes(',"say ""hi""",'));
  assert.ok(text.includes(',"two\nlines",'));
});

test('hundreds of thousands of rows arrive whole and in order, with memory bounded by the promises', async () => {
  const path = join(dir, 'many.csv');
  const csv = await SessionsCsv.open(path);
  let waits = 0;
  for (let i = 0; i < 300_000; i++) {
    const wait = csv.row({ ...life, key: `s${i}` });
    if (wait) {
      waits++;
      await wait;
    }
  }
  await csv.close();
  assert.ok(waits > 0, 'a loop that never yields must be told to wait');
  const lines = (await readFile(path, 'utf8')).split('\n');
  assert.is(lines.length, 300_002);
  for (let i = 0; i < 300_000; i++)
    if (!lines[i + 1]!.startsWith(`s${i},`)) assert.unreachable(`row ${i} is out of place`);
});

test('an older file is replaced', async () => {
  await writeFile(join(dir, 'sessions.csv'), 'x'.repeat(10_000));
  assert.is((await written([life])).split('\n').length, 3);
});

test('a path that cannot be written is said at once, by name', async () => {
  const under = join(dir, 'file');
  await writeFile(under, '');
  for (const [path, cause] of [
    [join(under, 'sessions.csv'), /not a directory/],
    [join(dir, 'none', 'sessions.csv'), /does not exist/],
    ['/dev/full', /no space left/],
  ] as const) {
    try {
      await SessionsCsv.open(path);
      assert.unreachable(path);
    } catch (error) {
      assert.ok((error as Error).message.includes(path), (error as Error).message);
      assert.match((error as Error).message, cause);
    }
  }
});

test.run();
