// Sets a checkout up: node_modules, and a Redis or Valkey to run against; with --test also what only tests need.
// Says nothing and takes a moment when there is nothing to do. No dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const OLDEST_NODE = [20, 19];

const PACKAGES = {
  server: { apt: 'redis-server', dnf: 'valkey', apk: 'redis', brew: 'redis' },
  faketime: { apt: 'libfaketime', dnf: 'libfaketime', apk: 'libfaketime', brew: 'libfaketime' },
};

const MANAGERS = {
  apt: { probe: 'apt-get', commands: [['apt-get', 'update', '-qq'], ['apt-get', 'install', '-y', '-qq', '--no-install-recommends']] },
  dnf: { probe: 'dnf', commands: [['dnf', 'install', '-y', '-q']] },
  apk: { probe: 'apk', commands: [['apk', 'add', '--quiet']] },
  brew: { probe: 'brew', commands: [['brew', 'install', '--quiet']] },
};

function onPath(name) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {}
  }
  return false;
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  return error === undefined && status === 0;
}

function fail(lines) {
  console.error([lines].flat().join('\n'));
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`Node ${process.versions.node} is too old: ttlscope needs ${OLDEST_NODE.join('.')} or later.`);
}

function installModules() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const stamp = join(root, 'node_modules', '.ttlscope-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('setup: installing node_modules');
  if (!onPath('npm')) fail('npm is not on PATH; install Node.js with npm, then try again.');
  if (!run('npm', ['ci', '--no-audit', '--no-fund'])) fail('`npm ci` failed; see above. It needs the npm registry.');
  writeFileSync(stamp, lock);
}

/** The command line by which this user can install a package, or null when there is no way to do it unasked. */
function installer() {
  const manager = Object.keys(MANAGERS).find((name) => onPath(MANAGERS[name].probe));
  if (manager === undefined) return null;
  const isRoot = process.getuid?.() === 0;
  if (manager === 'brew' || isRoot) return { manager, prefix: [] };
  const mayWithoutPassword = onPath('sudo') && run('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return { manager, prefix: mayWithoutPassword ? ['sudo', '-n'] : null };
}

/** Installs a package, or says the exact command to type. */
function install(what, names) {
  const found = installer();
  if (found === null) return `install ${what} with your system's package manager`;
  const { manager, prefix } = found;
  const commands = MANAGERS[manager].commands.map((command) => [...command]);
  commands.at(-1).push(names[manager]);
  const typed = commands.map((command) => ['sudo', ...command].join(' ')).join(' && ');
  if (prefix === null) return `type: ${typed}`;
  console.error(`setup: installing ${names[manager]}`);
  // The package must not start a server of its own: ttlscope starts its own, on a free port.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const command of commands) {
    const [name, ...args] = [...prefix, ...command];
    if (!run(name, args, { env })) return `\`${command.join(' ')}\` failed, see above; once it works, type: ${typed}`;
  }
  return null;
}

function findServer() {
  return onPath('redis-server') || onPath('valkey-server');
}

function findFaketime() {
  const roots = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/opt/homebrew/lib'].filter(existsSync);
  const folders = roots.flatMap((folder) => [
    folder,
    ...readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name)),
  ]);
  const files = folders.flatMap((folder) => [join(folder, 'faketime', 'libfaketime.so.1'), join(folder, 'libfaketime.so.1')]);
  return files.some(existsSync);
}

function need(found, what, names, { optional }) {
  if (found()) return;
  const problem = install(what, names);
  if (problem === null && found()) return;
  const lines = [`setup: ${what} is missing.`, `  ${problem ?? 'it was installed, but cannot be found'}`];
  if (!optional) fail(lines);
  console.error([...lines, '  Tests that need it will be skipped.'].join('\n'));
}

checkNode();
installModules();
need(findServer, 'a Redis or Valkey server', PACKAGES.server, { optional: false });
if (process.argv.includes('--test')) {
  const optional = process.env.CI !== 'true';
  need(findFaketime, 'libfaketime (for a server whose clock is off)', PACKAGES.faketime, { optional });
}
