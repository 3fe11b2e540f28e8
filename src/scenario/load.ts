import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { expandAliases } from './expand-aliases.ts';
import { type Problem, ScenarioError } from './problem.ts';
import { type Fault, resolve } from './resolve.ts';
import type { Scenario, SweepPlan } from './scenario.ts';

export { ScenarioError } from './problem.ts';

export interface LoadOptions {
  /** Overrides, `cohorts.visitors.ttl=10s`; the value is YAML. */
  set?: readonly string[];
  /** Settings of the server, `hz=100`; they override those of the scenario. */
  server?: readonly string[];
  seed?: number;
  /** Axes of the sweep, `hz=10,100`; they take the place of the scenario's. */
  over?: readonly string[];
  /** Runs of each cell of the sweep. */
  repeats?: number;
}

/** A scenario, its sweep, and where their parts are written: for what is found wrong with them later. */
export interface LoadedScenario {
  scenario: Scenario;
  /** `null`: neither the scenario nor the options speak of one. */
  sweep: SweepPlan | null;
  problemAt(path: Fault['path'], message: string): Problem;
}

const MODULES = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * Loads a scenario from YAML, or from a TypeScript or JavaScript module whose default export is what the YAML would say.
 *
 * @throws {ScenarioError} with everything that is wrong, and where
 */
export async function loadScenario(path: string, options: LoadOptions = {}): Promise<Scenario> {
  return (await openScenario(path, options)).scenario;
}

/** As loadScenario, with the sweep and the places. */
export async function openScenario(path: string, options: LoadOptions = {}): Promise<LoadedScenario> {
  const name = basename(path, extname(path));
  const folder = dirname(path);
  if (MODULES.includes(extname(path)))
    return resolveDocument(documentOf(await importModule(path)), null, { ...options, name, file: path, folder });
  const lines = new LineCounter();
  const document = parseDocument(await read(path), { lineCounter: lines, uniqueKeys: true, merge: true });
  if (document.errors.length > 0) {
    throw new ScenarioError(
      document.errors.map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0]);
        return { file: path, line, column: col, path: '', message: message.split(' at line')[0]! };
      }),
    );
  }
  contentsOf(document, path); // before aliases are expanded: it refuses those that would never end
  expandAliases(document);
  return resolveDocument(document, lines, { ...options, name, file: path, folder });
}

/**
 * The same for a value in hand. Files that it names lie in `folder`. (Default: the working directory)
 *
 * @throws {ScenarioError} whose places are paths into the value
 */
export function parseScenario(
  value: unknown,
  options: LoadOptions & { name?: string; file?: string; folder?: string } = {},
): Scenario {
  const { name = 'scenario', file = 'scenario', folder = '.' } = options;
  return resolveDocument(documentOf(value), null, { ...options, name, file, folder }).scenario;
}

function documentOf(value: unknown): Document {
  return parseDocument(JSON.stringify(value) ?? 'null');
}

/** @param lines `null`: the document is of a value in hand, whose places are paths only */
function resolveDocument(
  document: Document,
  lines: LineCounter | null,
  options: LoadOptions & { name: string; file: string; folder: string },
): LoadedScenario {
  const { name, file, folder } = options;
  const overridden = override(document, options);
  const outcome = resolve(contentsOf(document, file), name, folder);
  const problemOf = (fault: Fault): Problem => placed(fault, file, document, lines, overridden);
  if ('scenario' in outcome) {
    return { ...outcome, problemAt: (path, message) => problemOf({ path, message }) };
  }
  const order = ({ line, column }: Problem): number => (line ?? 0) * 1e6 + (column ?? 0);
  throw new ScenarioError(outcome.faults.map(problemOf).sort((a, b) => order(a) - order(b)));
}

/** What the document says. An alias without its anchor is found only now. */
function contentsOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ScenarioError([{ file, line: null, column: null, path: '', message: (error as Error).message }]);
  }
}

async function read(path: string): Promise<string> {
  if (/^[a-z+]+:\/\//i.test(path)) {
    const message = 'a URL is no scenario; name a YAML file or a module, and the server with --redis URL';
    throw new ScenarioError([{ file: 'SCENARIO', line: null, column: null, path: '', message }]);
  }
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a directory' : message;
    throw new ScenarioError([{ file: path, line: null, column: null, path: '', message: what }]);
  }
}

async function importModule(path: string): Promise<unknown> {
  const url = pathToFileURL(resolvePath(path)).href;
  try {
    const { tsImport } = await import('tsx/esm/api');
    const { default: exported } = (await tsImport(url, import.meta.url)) as { default?: unknown };
    const value = unwrapped(exported);
    if (typeof value !== 'object' || value === null) throw new Error('export the scenario, an object, as the default');
    return value;
  } catch (error) {
    throw new ScenarioError([{ file: path, line: null, column: null, path: '', message: (error as Error).message }]);
  }
}

/** A module that is loaded as CommonJS has its default export one level down. */
function unwrapped(exported: unknown): unknown {
  const isModule = typeof exported === 'object' && exported !== null && '__esModule' in exported;
  return isModule ? (exported as { default?: unknown }).default : exported;
}

/** Applies the overrides; returns, by path, the argument that made each. */
function override(document: Document, options: LoadOptions): Map<string, string> {
  const { set = [], server = [], seed, over = [], repeats } = options;
  const overridden = new Map<string, string>();
  const problems: Problem[] = [];
  for (const text of set) {
    const equals = text.indexOf('=');
    const keys = text.slice(0, equals).split('.');
    const file = `--set ${text}`;
    const problem = (message: string): void => {
      problems.push({ file, line: null, column: null, path: '', message });
    };
    if (equals < 1 || keys.some((key) => key === '')) {
      problem('is not PATH=VALUE; use cohorts.visitors.ttl=10s');
      continue;
    }
    if (keys[0] === 'cohorts' && keys[1] !== undefined && !document.hasIn(['cohorts', keys[1]])) {
      const cohorts = document.get('cohorts');
      const known = isMap(cohorts) ? cohorts.items.map(({ key }) => String(key)).join(', ') : 'none';
      problem(`there is no cohort ${keys[1]}; use one of ${known}`);
      continue;
    }
    const value = parseDocument(text.slice(equals + 1));
    const parents = keys.slice(1).map((_, i) => keys.slice(0, i + 1));
    const scalar = parents.find((parent) => document.hasIn(parent) && !isCollection(document.getIn(parent)));
    if (value.errors.length > 0) problem(value.errors[0]!.message.split(' at line')[0]!);
    else if (scalar) problem(`${scalar.join('.')} has no parts to set`);
    else {
      document.setIn(keys, value.contents);
      overridden.set(keys.join('.'), file);
    }
  }
  for (const text of server) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      const message = 'is not SETTING=VALUE; use hz=100';
      problems.push({ file: `--server ${text}`, line: null, column: null, path: '', message });
      continue;
    }
    if (!isMap(document.get('server'))) document.set('server', document.createNode({}));
    document.setIn(['server', name], value === '""' ? '' : value);
    overridden.set(`server.${name}`, `--server ${text}`);
  }
  for (const [path, argument] of overrideAxes(document, over, problems)) overridden.set(path, argument);
  if (problems.length > 0) throw new ScenarioError(problems);
  if (seed !== undefined) document.setIn(['seed'], seed);
  if (repeats !== undefined) {
    sweepOf(document).set('repeats', repeats);
    overridden.set('sweep.repeats', `--repeats ${repeats}`);
  }
  return overridden;
}

/** Puts the axes in the place of the scenario's; returns as override does. */
function overrideAxes(document: Document, over: readonly string[], problems: Problem[]): Map<string, string> {
  const overridden = new Map<string, string>();
  if (over.length > 0) {
    sweepOf(document).set('over', document.createNode({}));
    overridden.set('sweep.over', '--over');
  }
  for (const text of over) {
    const equals = text.indexOf('=');
    const setting = text.slice(0, equals);
    const file = `--over ${text}`;
    const path = `sweep.over.${setting}`;
    const problem = (message: string): void => {
      problems.push({ file, line: null, column: null, path: '', message });
    };
    if (equals < 1) problem('is not SETTING=VALUES; use hz=10,100 or maxmemory-policy=all');
    else if (overridden.has(path)) problem(`${setting} is there twice; give all its values at once`);
    else {
      sweepOf(document).setIn(['over', setting], text.slice(equals + 1));
      overridden.set(path, file);
    }
  }
  return overridden;
}

/** The mapping of the sweep, made where there is none. */
function sweepOf(document: Document): YAMLMap {
  if (!isMap(document.get('sweep'))) document.set('sweep', document.createNode({}));
  return document.get('sweep') as YAMLMap;
}

function placed(
  { path, message }: Fault,
  file: string,
  document: Document,
  lines: LineCounter | null,
  overridden: Map<string, string>,
): Problem {
  for (let depth = path.length; depth > 0; depth--) {
    const argument = overridden.get(path.slice(0, depth).join('.'));
    if (argument !== undefined) return { file: argument, line: null, column: null, path: print(path), message };
  }
  if (lines === null) return { file, line: null, column: null, path: print(path), message };
  const offset = offsetOf(document, path);
  const { line, col } = lines.linePos(offset);
  return { file, line, column: col, path: print(path), message };
}

/** Where the value at a path begins; an unknown key's own place; for what is missing, its parent's. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(path[depth - 1]));
      if (isPair(pair)) return ((pair.value ?? pair.key) as Node).range?.[0] ?? 0;
    }
    const node = document.getIn(path.slice(0, depth), true) as Node | undefined;
    if (node?.range) return node.range[0];
  }
  return (document.contents as Node | null)?.range?.[0] ?? 0;
}

function print(path: readonly (string | number)[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
}
