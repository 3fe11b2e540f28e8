import { z } from 'zod';
import { duration, share, size } from '../src/scenario/forms.ts';
import { PRESETS } from '../src/scenario/presets.ts';
import { scenarioJsonSchema } from '../src/scenario/written.ts';
import { rate } from '../src/scenario/written-arrivals.ts';
import { payload, time } from '../src/scenario/written-distribution.ts';
import { markdownTable } from './markdown-table.ts';

/** What of a JSON Schema is read here. */
interface Node {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: string[];
  properties?: Record<string, Node>;
  required?: string[];
  additionalProperties?: Node | false;
  anyOf?: Node[];
  items?: Node;
  prefixItems?: Node[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

interface Named {
  name: string;
  link: string;
  node: Node;
}

const named: Named[] = (
  [
    ['a duration', duration, 'values'],
    ['a size', size, 'values'],
    ['a rate', rate, 'values'],
    ['a share', share, 'values'],
    ['a distribution of times', time, 'distributions'],
    ['a distribution of sizes', payload, 'distributions'],
  ] as const
).map(([name, schema, anchor]) => ({ name, link: `[${name}](#${anchor})`, node: jsonOf(schema) }));

const [durations, sizes, rates, shares, times] = named as [Named, Named, Named, Named, Named];

/** docs/scenarios.md: every key of a scenario, from the schema that validates it. */
export function scenarioDocs(): string {
  const root = scenarioJsonSchema() as Node;
  const { cohorts, ...parts } = root.properties!;
  const cohort = cohorts!.additionalProperties as Node;
  const { arrivals, store, ...own } = cohort.properties!;
  const seeBelow = ({ description }: Node): Node => ({ description: `${description}; see below` });
  return `${[
    '# Scenarios',
    'Every key that a scenario may have. Written by `npm run schemas` from the schema that validates: do not edit it here.',
    'A scenario is a YAML file, or a TypeScript or JavaScript module that exports the same as its default. `ttlscope init`' +
      ' writes one to start from, `ttlscope scenarios` lists those that are shipped, `ttlscope validate FILE` checks one, and' +
      ' `ttlscope plan FILE` prints what it would do. `--set PATH=VALUE` overrides a key by its path:' +
      ' `--set cohorts.visitors.ttl=10s`.',
    '## The scenario',
    table({ ...root, properties: { ...parts, cohorts: seeBelow(cohorts!) } }),
    '## A cohort',
    `\`cohorts.NAME\`: ${lower(cohort.description!)}. It needs either \`sessions\` or \`arrivals\`, and a \`ttl\`.`,
    table({ ...cohort, properties: { ...own, arrivals: seeBelow(arrivals!), store: seeBelow(store!) } }),
    '## Arrivals',
    '`arrivals` is a rate, or a mapping in which one key names the kind. What does not fit into the duration is refused.',
    ...arrivals!.anyOf!.filter(({ properties }) => properties !== undefined).map(kind),
    TRACES,
    '## Stores',
    '`store: NAME`, or `store: {NAME: {OPTION: VALUE}}`. A store decides which commands a session is made of.',
    ...store!.anyOf!.flatMap(({ properties }) => (properties ? [table({ properties })] : [])),
    '## Distributions',
    'Times (TTLs, visits, gaps between requests) and sizes are one value, or are drawn for each session: a mapping with one of' +
      ' these keys. Presets are of times only.',
    distributions(times.node),
    '### Presets',
    'Mixes that were measured elsewhere, for any time: `ttl: {preset: twitter-cluster-4}`.',
    markdownTable(
      ['preset', 'what it is', 'source'],
      Object.entries(PRESETS).map(([name, { title, source }]) => [`\`${name}\``, title, source]),
    ),
    '## Values',
    markdownTable(
      ['value', 'how it is written'],
      [durations, sizes, rates, shares].map(({ name, node }) => [name.replace(/^a /, ''), node.description!]),
    ),
  ].join('\n\n')}\n`;
}

const TRACES = `A trace is a CSV file with a header, whose columns are \`arrival\` and, if there are any, \`ttl\` and \`activity\`, in any order.
Each line is a session: when it arrives, from the start of the measurement; its TTL; how long its visit lasts. Values are seconds
or durations: \`1.5\`, \`250ms\`, \`5m\`. Arrivals ascend. Lines that arrive at the end of the duration or later are left out.
Where a line has no TTL, the cohort's \`ttl\` holds; where it has no activity, \`activity.for\`; without these each line needs
its own. The file is read as the run goes on, never whole: it takes 8 bytes of memory a session.

\`\`\`csv
arrival,ttl,activity
0,30,12.5
0.25,,4s
1m,20m,
\`\`\``;

function kind(node: Node): string {
  const [name] = node.required!;
  const { [name!]: shape, ...beside } = node.properties!;
  const text = shape!.description === undefined ? '' : `${shape!.description}.\n\n`;
  return `### \`${name}\`\n\n${text}${table({ ...node, properties: { [name!]: { ...shape!, description: '' }, ...beside } })}`;
}

function distributions(node: Node): string {
  return markdownTable(
    HEADER,
    node.anyOf!.flatMap((form) => keysOf('', form)),
  );
}

const HEADER = ['key', 'value', 'meaning'];

function table(node: Node): string {
  return markdownTable(HEADER, keysOf('', node));
}

/** A row for each key, and for the keys below it. */
function keysOf(path: string, { properties = {} }: Node): string[][] {
  return Object.entries(properties).flatMap(([key, node]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const { description = '' } = node;
    const meaning = named.some((each) => each.node.description === description) ? '' : description;
    const isTold = node.default === undefined || typeof node.default === 'object' || meaning.includes('(Default: ');
    const fallback = isTold ? '' : `. (Default: ${String(node.default)})`;
    return [[`\`${at}\``, formOf(node), `${meaning}${fallback}`], ...below(at, node)];
  });
}

function below(path: string, node: Node): string[][] {
  if (nameOf(node) !== null) return [];
  if (node.properties) return keysOf(path, node);
  if (node.items && !node.prefixItems) return below(`${path}[]`, node.items);
  return (node.anyOf ?? []).flatMap((form) => (isTimeForm(form) ? [] : below(path, form)));
}

/** What may stand for a key, in a word or two. */
function formOf(node: Node): string {
  const known = nameOf(node);
  if (known !== null) return known;
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.anyOf) {
    const others = node.anyOf.filter((form) => !isTimeForm(form));
    const ofTimes = others.length < node.anyOf.length && node.anyOf.some(({ properties }) => properties);
    const forms = ofTimes ? [times.link, ...others.map(formOf)] : node.anyOf.map(formOf);
    return [...new Set(forms)].join(' or ');
  }
  if (node.properties) {
    const keys = Object.keys(node.properties);
    return keys.length === 0 ? 'no options' : `{${keys.join(', ')}}`;
  }
  if (node.additionalProperties) return 'a mapping';
  if (node.prefixItems) return `[${node.prefixItems.map(() => 'least, greatest').slice(0, 1)}]`;
  if (node.items) return 'a list';
  switch (node.type) {
    case 'integer':
      return `a whole number${bounds(node)}`;
    case 'number':
      return `a number${bounds(node)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'a text';
    default:
      return '';
  }
}

function bounds({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Node): string {
  const least =
    exclusiveMinimum === undefined ? (minimum === undefined ? '' : ` from ${minimum}`) : ` above ${exclusiveMinimum}`;
  if (exclusiveMaximum !== undefined) return `${least}, below ${exclusiveMaximum}`;
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? least : `${least}, up to ${maximum}`;
}

function nameOf(node: Node): string | null {
  return named.find((each) => bare(each.node) === bare(node))?.link ?? null;
}

/** One of the forms of a distribution of times. */
function isTimeForm(node: Node): boolean {
  return times.node.anyOf!.some((form) => bare(form) === bare(node));
}

/** A schema without what may differ between its uses. */
function bare({ description: _, default: __, ...node }: Node): string {
  return JSON.stringify(node);
}

function jsonOf(schema: z.ZodType): Node {
  const { $schema: _, ...node } = z.toJSONSchema(schema, { io: 'input' });
  return node as Node;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
