#!/usr/bin/env node
/**
 * Makes a checkout ready, and says nothing where there is nothing to do.
 *
 *     node setup.mjs           what ttlscope needs to run: node_modules, and redis-server or valkey-server
 *     node setup.mjs --test    what only its tests need as well: libfaketime, Prometheus with its
 *                              Pushgateway, redis_exporter, Chromium
 *
 * A server is installed by the system's package manager where that takes no password; elsewhere the command to type is
 * printed. It has no dependencies, because it runs before there are any.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLibfaketime } from './test/libfaketime.mjs';

const ROOT = dirname(fileURLToPath(import.meta.url));
const OLDEST_SERVER = [6, 2]; // SET PXAT

/** In the order in which they are looked for; each lists the names that the packages have, the preferred one first. */
const PACKAGE_MANAGERS = [
  {
    name: 'apt-get',
    refresh: ['update'],
    install: ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'],
    server: ['redis-server', 'valkey-server'],
    libfaketime: ['libfaketime'],
    prometheus: ['prometheus'],
    redis_exporter: ['prometheus-redis-exporter'],
    pushgateway: ['prometheus-pushgateway'],
    chromium: ['chromium', 'chromium-browser'],
  },
  {
    name: 'dnf',
    install: ['install', '-y'],
    server: ['valkey', 'redis'],
    libfaketime: ['libfaketime'],
    prometheus: ['golang-github-prometheus'],
    chromium: ['chromium'],
  },
  {
    name: 'apk',
    install: ['add'],
    server: ['redis', 'valkey'],
    libfaketime: ['libfaketime'],
    prometheus: ['prometheus'],
    chromium: ['chromium'],
  },
  { name: 'brew', install: ['install'], server: ['redis'], libfaketime: ['libfaketime'], prometheus: ['prometheus'] },
];

/** What only the tests need, and what they do without it. */
const TEST_TOOLS = [
  {
    name: 'libfaketime',
    find: findLibfaketime,
    tests: 'the tests with a server whose clock is wrong',
  },
  {
    name: 'prometheus',
    find: () => findOnPath('prometheus') && findOnPath('promtool'),
    tests: 'the tests with a Prometheus, and its checks of rules and metrics',
  },
  {
    name: 'redis_exporter',
    find: () => findOnPath('prometheus-redis-exporter') ?? findOnPath('redis_exporter'),
    tests: 'the tests of what redis_exporter tells',
  },
  {
    name: 'pushgateway',
    find: () => findOnPath('prometheus-pushgateway') ?? findOnPath('pushgateway'),
    tests: 'the tests that push to a gateway',
  },
  {
    name: 'chromium',
    find: () =>
      ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(findOnPath).find((path) => path),
    tests: 'the tests of the pages',
  },
];

/** Packages that bring a service. */
const SERVICES = ['server', 'prometheus', 'redis_exporter', 'pushgateway'];

let isRefreshed = false;

const forTests = process.argv[2] === '--test';
if (process.argv.length > (forTests ? 3 : 2))
  fail(`${process.argv.slice(2).join(' ')} is not understood; use --test or nothing`);
checkNode();
if (!packagesAreCurrent()) installPackages();
checkServer(findServer() ?? installSystemPackage('server', findServer) ?? failForWantOfServer());
if (forTests) {
  for (const tool of TEST_TOOLS) if (!(tool.find() ?? installSystemPackage(tool.name, tool.find))) doWithout(tool);
}

function say(message) {
  console.error(`setup: ${message}`);
}

function fail(message) {
  say(message);
  process.exit(1);
}

/** Runs a command with its output shown. @returns whether it succeeded */
function run(command, args, options = {}) {
  const stdio = ['ignore', 'inherit', 'inherit'];
  return spawnSync(command, args, { cwd: ROOT, stdio, ...options }).status === 0;
}

function findOnPath(name) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this one
    }
  }
  return undefined;
}

/** Whether the dotted version is at least the [major, minor] given. */
function isAtLeast(version, [major, minor]) {
  const [hasMajor, hasMinor] = version.split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  } catch {
    return undefined;
  }
}

function checkNode() {
  const oldest = readJson('package.json').engines.node.replace('>=', '');
  if (isAtLeast(process.versions.node, oldest.split('.').map(Number))) return;
  fail(`Node ${process.versions.node} is too old; install ${oldest} or newer (https://nodejs.org)`);
}

/**
 * Whether node_modules holds what package-lock.json asks for, on this platform. npm writes down what it installed, last of
 * all, in node_modules/.package-lock.json; what is optional may be absent there, as it is for other platforms.
 */
function packagesAreCurrent() {
  const wanted = readJson('package-lock.json')?.packages;
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (!wanted || !installed) return false;
  const isSame = (path) =>
    installed[path].version === wanted[path]?.version && installed[path].integrity === wanted[path]?.integrity;
  const isForHere = ({ os }) => !os || os.some((name) => name === process.platform || name.startsWith('!'));
  return (
    Object.entries(wanted).every(([path, { optional }]) => path === '' || path in installed || optional) &&
    Object.keys(installed).every((path) => isSame(path) && isForHere(installed[path]))
  );
}

function installPackages() {
  if (!findOnPath('npm')) fail('npm is not on PATH; it comes with Node (https://nodejs.org)');
  say('installing node_modules by npm ci');
  if (run('npm', ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'])) return;
  fail('npm ci failed, see above; it needs the npm registry, unless its cache has every package');
}

function findServer() {
  return findOnPath('redis-server') ?? findOnPath('valkey-server');
}

function checkServer(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = /v=(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
  if (version && !isAtLeast(version, OLDEST_SERVER)) {
    fail(
      `${path} is ${version}; put redis-server ${OLDEST_SERVER.join('.')} or newer, or valkey-server, on PATH before it`,
    );
  }
}

/** What to put before a command that needs root; undefined where a password would be asked for. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function packageManager() {
  return PACKAGE_MANAGERS.find(({ name }) => findOnPath(name));
}

/**
 * Installs one of the packages that provide `what`, where that takes no password.
 *
 * @returns what `find` returns afterwards
 */
function installSystemPackage(what, find) {
  const manager = packageManager();
  const prefix = manager?.name === 'brew' ? [] : rootPrefix();
  if (!manager?.[what] || !prefix) return undefined;
  const runAsRoot = (command, options) => {
    const [first, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
    return run(first, rest, options);
  };
  if (manager.refresh && !isRefreshed) isRefreshed = runAsRoot([manager.name, ...manager.refresh]);
  for (const name of manager[what]) {
    say(`installing ${name} by ${manager.name}`);
    const wasThere = manager.name === 'apt-get' && isInstalledByApt(name);
    if (!runAsRoot([manager.name, ...manager.install, name])) continue;
    if (manager.name === 'apt-get' && SERVICES.includes(what) && !wasThere) {
      // Debian's packages start a server on its usual port, now and at each boot: nobody asked for that one
      runAsRoot(['invoke-rc.d', name, 'stop'], { stdio: 'ignore' });
      runAsRoot(['update-rc.d', name, 'disable'], { stdio: 'ignore' });
    }
    const found = find();
    if (found) return found;
  }
  return undefined;
}

function isInstalledByApt(name) {
  return spawnSync('dpkg', ['-s', name], { encoding: 'utf8' }).stdout?.includes('ok installed') ?? false;
}

/** The command by which a person installs `what`. */
function commandToType(what) {
  const manager = packageManager();
  if (!manager?.[what])
    return `install ${what === 'server' ? 'redis-server or valkey-server' : what} and put it on PATH`;
  const sudo = manager.name === 'brew' ? '' : 'sudo ';
  const refresh = manager.refresh ? `${sudo}${manager.name} ${manager.refresh[0]} && ` : '';
  return `type: ${refresh}${sudo}${manager.name} ${manager.install[0]} ${manager[what][0]}`;
}

function failForWantOfServer() {
  fail(`neither redis-server nor valkey-server is on PATH; ${commandToType('server')}`);
}

function doWithout({ name, tests }) {
  const message = `${name} is missing; ${commandToType(name)}`;
  if (process.env.CI === 'true') fail(message);
  say(`${message}. Until then ${tests} are skipped`);
}
