/** Writes the JSON Schemas that are committed, from the zod schemas that validate. */
import { writeFileSync } from 'node:fs';
import { resultJsonSchema } from '../src/result/schema.ts';
import { scenarioJsonSchema } from '../src/scenario/written.ts';

const write = (name: string, schema: unknown): void =>
  writeFileSync(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);

write('scenario.schema.json', scenarioJsonSchema());
write('result.schema.json', resultJsonSchema());
