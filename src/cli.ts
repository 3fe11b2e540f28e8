import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type CompareCommandOptions, compareCommand } from './commands/compare.ts';
import { type DoctorCommandOptions, doctorCommand } from './commands/doctor.ts';
import { EXIT } from './commands/exit-codes.ts';
import { type ExportCommandOptions, exportCommand } from './commands/export.ts';
import { initCommand } from './commands/init.ts';
import { listenAddress } from './commands/listen-address.ts';
import { type PlanCommandOptions, planCommand } from './commands/plan.ts';
import { REPORT_FORMATS, type ReportCommandOptions, reportCommand } from './commands/report.ts';
import { type RestoreCommandOptions, restoreCommand } from './commands/restore.ts';
import { type RunCommandOptions, runCommand } from './commands/run.ts';
import { scenariosCommand } from './commands/scenarios.ts';
import { type SweepCommandOptions, sweepCommand } from './commands/sweep.ts';
import { type TuneCommandOptions, tuneCommand } from './commands/tune.ts';
import { validate } from './commands/validate.ts';
import { OBJECTIVE_NAMES } from './experiment/objective.ts';
import { DURATION_ALLOWED, durationMs } from './scenario/duration.ts';
import { VERSION } from './version.ts';

/** Between the looks of `doctor`. */
const WATCH_MS = { least: 100, default: 2_000, most: 3_600_000 };

const collect = (value: string, all: string[]): string[] => [...all, value];

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('A whole number is expected.');
  return value;
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('More than 0 is expected.');
  return value;
}

function percentage(text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Number(digits) / 100;
  if (!(share > 0 && share <= 1)) throw new InvalidArgumentError('More than 0% and at most 100% is expected.');
  return share;
}

const LEAST_SAMPLE_EVERY_MS = 100;

function sampleEvery(text: string): number {
  const ms = durationMs(text);
  if (ms === null || ms < LEAST_SAMPLE_EVERY_MS) {
    throw new InvalidArgumentError(`A duration from ${LEAST_SAMPLE_EVERY_MS}ms up is expected: ${DURATION_ALLOWED}.`);
  }
  return ms;
}

function watchMs(text: string): number {
  const ms = durationMs(text);
  if (ms === null || ms < WATCH_MS.least || ms > WATCH_MS.most) {
    throw new InvalidArgumentError(`A duration from 100ms to 1h is expected, such as ${DURATION_ALLOWED}.`);
  }
  return ms;
}

function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === null) throw new InvalidArgumentError(`A duration is expected, such as ${DURATION_ALLOWED}.`);
  return ms;
}

function unixMs(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('A time is expected, such as 2026-01-02T03:04:05Z.');
  return ms;
}

function httpUrl(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: '' };
  if (protocol !== 'http:' && protocol !== 'https:') throw new InvalidArgumentError('An http:// URL is expected.');
  return text;
}

const program = new Command('ttlscope')
  .description('Measures when Redis and Valkey expire sessions, and when they say so.')
  .version(VERSION)
  .showHelpAfterError('(--help tells what is allowed)')
  .addHelpText(
    'after',
    `
Exit codes:
  0    good
  1    the result could not be written, or ttlscope itself failed
  97   the server cannot be used, or its settings could not be put back
  98   a measurement is invalid: its figures cannot be trusted, and the summary says why
  99   a threshold failed, or no settings that were tried meet the goals
  104  bad scenario or arguments
  105  ended by a signal; the result is written and marked aborted
doctor has codes of its own: ttlscope doctor --help`,
  )
  .exitOverride();

program
  .command('run')
  .description('run a scenario against a Redis and account for every session')
  .argument('<scenario>', 'YAML file, or a TypeScript or JavaScript module')
  .addOption(
    new Option('--redis <url>', 'redis://, rediss:// or unix:// URL (default: an embedded server)').conflicts(
      'redisServer',
    ),
  )
  .option(
    '--out <dir>',
    'where result.json, report.html, junit.xml and lag.hgrm go (default: ttlscope-results/NAME-TIME)',
  )
  .option('--set <path=value>', 'override a value of the scenario; may be repeated', collect, [])
  .option('--server <setting=value>', "a setting of the server, over the scenario's; may be repeated", collect, [])
  .option('--seed <n>', "seed of the plan (default: the scenario's)", wholeNumber)
  .option('--json', 'print the result as JSON instead of the summary')
  .option('--quiet', 'no progress')
  .option('--sessions <file>', 'write a CSV row for each life of a session')
  .option('--yes', "run a scenario that needs more than 80% of the machine's memory")
  .option('--sample-every <duration>', 'how often the server is asked for INFO (default: 1s)', sampleEvery)
  .option('--redis-server <path>', 'binary of the embedded server (default: from PATH)')
  .option('--allow-config', 'change settings of the server at --redis as the scenario asks, and put them back')
  .addOption(
    new Option('--no-config', 'take its settings as they are; for servers that forbid CONFIG').conflicts('allowConfig'),
  )
  .option('--metrics [host:port]', 'serve metrics for Prometheus (default: 127.0.0.1:9847)', listenAddress)
  .option('--ui', 'serve a live page beside the metrics, at the same address')
  .option('--open', 'the same, and show it in the browser')
  .option('--metrics-linger <duration>', 'keep serving them for so long after the end', duration)
  .option('--push-gateway <url>', 'put the metrics of the end on a Prometheus Pushgateway', httpUrl)
  .action(async (path: string, options: RunCommandOptions) => {
    process.exitCode = await runCommand(path, options);
  });

program
  .command('sweep')
  .description('run a scenario under many settings of the server, and say what each costs and gives')
  .argument('<scenario>', 'YAML file, or a TypeScript or JavaScript module')
  .option(
    '--over <setting=values>',
    "hz=10,100, active-expire-effort=1..10:3, maxmemory-policy=all; may be repeated (default: the scenario's)",
    collect,
    [],
  )
  .option('--repeats <n>', "runs of each cell (default: the scenario's, or 3)", wholeNumber)
  .addOption(
    new Option('--sort <objective>', 'what the table is sorted by').choices(OBJECTIVE_NAMES).default('lag' as const),
  )
  .option('--out <dir>', 'where sweep.json and report.html go (default: ttlscope-results/NAME-sweep-TIME)')
  .addOption(
    new Option('--resume <dir>', 'go on with a sweep that was interrupted; the rest as it was given').conflicts('out'),
  )
  .option('--set <path=value>', 'override a value of the scenario; may be repeated', collect, [])
  .option('--server <setting=value>', 'a setting of the server in every cell; may be repeated', collect, [])
  .option('--seed <n>', "seed of the plan and of the order (default: the scenario's)", wholeNumber)
  .option('--json', 'print the sweep as JSON instead of the table')
  .option('--quiet', 'no progress')
  .option('--yes', 'begin a sweep that takes more than an hour, or needs most of the memory')
  .addOption(
    new Option('--redis <url>', 'a server to measure on (default: an embedded one, fresh for each run)').conflicts(
      'redisServer',
    ),
  )
  .option('--redis-server <path>', 'binary of the embedded servers (default: from PATH)')
  .option('--allow-config', 'change settings of the server at --redis for each run, and put them back')
  .action(async (path: string, options: SweepCommandOptions) => {
    process.exitCode = await sweepCommand(path, options);
  });

program
  .command('tune')
  .description(
    'search the settings of the server that meet goals at the least cost, and say what to write in redis.conf',
  )
  .argument('<scenario>', 'YAML file, or a TypeScript or JavaScript module')
  .option(
    '--goal <metric expression>',
    '"expiry_lag p(99)<500ms", "evicted_early==0"; may be repeated (default: the thresholds of the scenario)',
    collect,
    [],
  )
  .option(
    '--over <setting=values>',
    'hz=10,50,100; may be repeated (default: the settings that can matter for the goals)',
    collect,
    [],
  )
  .option('--budget <n>', 'most runs', wholeNumber, 20)
  .option('--repeats <n>', 'full runs of what is confirmed, and of the present settings', positiveNumber, 3)
  .addOption(
    new Option('--short <share>', "length of a short run, of the scenario's; longer where the goals need it")
      .argParser(percentage)
      .default(0.3, '30%'),
  )
  .option('--out <dir>', 'where tune.json and tuned.conf go (default: ttlscope-results/NAME-tune-TIME)')
  .option('--set <path=value>', 'override a value of the scenario; may be repeated', collect, [])
  .option('--server <setting=value>', 'a setting of the server as it is at present; may be repeated', collect, [])
  .option('--seed <n>', "seed of the plan and of the order (default: the scenario's)", wholeNumber)
  .option('--json', 'print tune.json instead of the report')
  .option('--quiet', 'no progress')
  .option('--yes', "run a scenario that needs more than 80% of the machine's memory")
  .addOption(
    new Option('--redis <url>', 'a server to measure on (default: an embedded one, fresh for each run)').conflicts(
      'redisServer',
    ),
  )
  .option('--redis-server <path>', 'binary of the embedded servers (default: from PATH)')
  .option('--allow-config', 'change settings of the server at --redis for each run, and put them back')
  .action(async (path: string, options: TuneCommandOptions) => {
    process.exitCode = await tuneCommand(path, options);
  });

program
  .command('compare')
  .description('two results or two sweeps side by side, and whether they differ by more than their spread')
  .argument('<a>', 'a result.json or sweep.json, or a directory with one')
  .argument('<b>')
  .option('--json', 'print it as JSON')
  .action(async (one: string, other: string, options: CompareCommandOptions) => {
    process.exitCode = await compareCommand(one, other, options);
  });

program
  .command('report')
  .description('make the report of a result or a sweep again, or as another format')
  .argument('<result>', 'result.json or sweep.json, or the directory that it is in')
  .addOption(
    new Option(
      '--format <format>',
      'html: one page; junit: XML for CI; markdown: for a CI summary; benchmark: for github-action-benchmark',
    )
      .choices(REPORT_FORMATS)
      .default('html'),
  )
  .option('--out <file>', 'where it goes (default: standard output)')
  .action(async (path: string, options: ReportCommandOptions) => {
    process.exitCode = await reportCommand(path, options);
  });

program
  .command('export')
  .description('results as OpenMetrics, each sample with its time: for promtool tsdb create-blocks-from openmetrics')
  .argument('<result...>', 'result.json or sweep.json, or the directories that they are in')
  .requiredOption('--openmetrics', 'the format')
  .option(
    '--align <time>',
    'let all measurements begin at this time, such as 2026-01-02T03:04:05Z, to lay them over each other',
    unixMs,
  )
  .option('--out <file>', 'where it goes (default: standard output)')
  .action(async (paths: string[], options: ExportCommandOptions) => {
    process.exitCode = await exportCommand(paths, options);
  });

program
  .command('validate')
  .description('check scenario files, and nothing else')
  .argument('<files...>')
  .option('--set <path=value>', 'override a value; may be repeated', collect, [])
  .option('--server <setting=value>', "a setting of the server, over the scenario's; may be repeated", collect, [])
  .action(async (files: string[], options: { set: string[]; server: string[] }) => {
    process.exitCode = await validate(files, options);
  });

program
  .command('plan')
  .description('print what a run would do: sessions, rates, when they fall due, memory; no server is needed')
  .argument('<scenario>', 'YAML file, or a TypeScript or JavaScript module')
  .option('--set <path=value>', 'override a value of the scenario; may be repeated', collect, [])
  .option('--server <setting=value>', "a setting of the server, over the scenario's; may be repeated", collect, [])
  .option('--seed <n>', "seed of the plan (default: the scenario's)", wholeNumber)
  .option('--json', 'print it as JSON')
  .action(async (path: string, options: PlanCommandOptions) => {
    process.exitCode = await planCommand(path, options);
  });

program
  .command('restore')
  .description('put back settings of a server that a run changed with --allow-config and, being killed, left so')
  .option('--redis <url>', 'the server, with its password if it has one (default: all that were left so)')
  .action(async (options: RestoreCommandOptions) => {
    process.exitCode = await restoreCommand(options);
  });

program
  .command('doctor')
  .description('examine a server: what of its settings and its state harms sessions; writes nothing, reads no key')
  .option('--redis <url>', 'redis://, rediss:// or unix:// URL', 'redis://127.0.0.1:6379')
  .addOption(
    new Option('--watch <duration>', 'how long to look for what grows')
      .argParser(watchMs)
      .default(WATCH_MS.default, '2s'),
  )
  .option('--json', 'print the findings as JSON (doctor.schema.json)')
  .addHelpText(
    'after',
    `
Exit codes:
  0    neither warnings nor errors
  1    warnings, or something that could not be examined
  2    errors
  97   the server cannot be used
  104  bad arguments
  105  ended by a signal`,
  )
  .action(async (options: DoctorCommandOptions) => {
    process.exitCode = await doctorCommand(options);
  });

program
  .command('scenarios')
  .description('list the scenarios that are shipped, and where they are')
  .action(async () => {
    process.exitCode = await scenariosCommand();
  });

program
  .command('init')
  .description('write a scenario to start from, with comments')
  .argument('[file]', 'must not be there yet', 'scenario.yml')
  .action(async (file: string) => {
    process.exitCode = await initCommand(file);
  });

// A reader that has gone away, as `head` does, ends no run; a full disk behind a redirection is told by the exit code.
let unsaid: NodeJS.ErrnoException | null = null;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unsaid ??= error;
  });
}
process.on('exit', (code) => {
  if (unsaid && code === EXIT.good) process.exitCode = EXIT.failed;
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.good : EXIT.badScenario;
}
