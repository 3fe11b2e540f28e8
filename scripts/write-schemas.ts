/** Writes the JSON Schemas, docs/scenarios.md and docs/metrics.md, which are committed, from what validates and defines. */
import { writeFileSync } from 'node:fs';
import { doctorJsonSchema } from '../src/doctor/report.ts';
import { sweepJsonSchema } from '../src/experiment/sweep-file.ts';
import { tuneJsonSchema } from '../src/experiment/tune-file.ts';
import { resultJsonSchema } from '../src/result/schema.ts';
import { scenarioJsonSchema } from '../src/scenario/written.ts';
import { metricsDocs } from './metrics-docs.ts';
import { scenarioDocs } from './scenario-docs.ts';

const write = (name: string, text: string): void => writeFileSync(new URL(`../${name}`, import.meta.url), text);
const json = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`;

write('scenario.schema.json', json(scenarioJsonSchema()));
write('result.schema.json', json(resultJsonSchema()));
write('sweep.schema.json', json(sweepJsonSchema()));
write('doctor.schema.json', json(doctorJsonSchema()));
write('tune.schema.json', json(tuneJsonSchema()));
write('docs/scenarios.md', scenarioDocs());
write('docs/metrics.md', metricsDocs());
