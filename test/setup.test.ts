/** setup.mjs in a checkout of its own, with stand-ins for npm, the package managers and the servers as its whole PATH. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const CURRENT = { version: '1.0.0', integrity: 'sha512-a' };
const LOCK = { packages: { '': {}, 'node_modules/a': CURRENT, 'node_modules/b': { ...CURRENT, optional: true } } };

class Checkout {
  readonly directory = mkdtempSync(join(tmpdir(), 'ttlscope-setup-'));
  readonly #log = join(this.directory, 'log');

  constructor() {
    chmodSync(this.directory, 0o777);
    for (const folder of ['bin', 'test', 'node_modules']) mkdirSync(join(this.directory, folder));
    chmodSync(join(this.directory, 'node_modules'), 0o777);
    for (const file of ['setup.mjs', 'test/libfaketime.mjs', 'package.json'])
      copyFileSync(join(ROOT, file), join(this.directory, file));
    this.write('package-lock.json', JSON.stringify(LOCK));
    this.write('log', '');
    chmodSync(this.#log, 0o666);
    symlinkSync('/usr/bin/env', join(this.directory, 'bin', 'env'));
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.directory, path), text);
  }

  /** Puts a command on PATH that writes down its arguments and then does what `script` says. */
  command(name: string, script = ''): void {
    const path = join(this.directory, 'bin', name);
    writeFileSync(path, `#!/bin/sh\necho ${name} "$@" >> ${this.#log}\ncd ${this.directory}\n${script}\n`);
    chmodSync(path, 0o755);
  }

  installed(packages: object = { 'node_modules/a': CURRENT }): void {
    this.write('node_modules/.package-lock.json', JSON.stringify({ packages }));
  }

  /** Runs setup.mjs, with or without the right to install system packages. */
  setUp(args: string[] = [], { privileged = true, ci = '' } = {}) {
    const isRoot = process.getuid?.() === 0;
    if (privileged && !isRoot) this.command('sudo', '[ "$2" = true ] || { shift; exec "$@"; }');
    writeFileSync(this.#log, '');
    const { status, stderr } = spawnSync(process.execPath, [join(this.directory, 'setup.mjs'), ...args], {
      env: { PATH: join(this.directory, 'bin'), CI: ci },
      encoding: 'utf8',
      ...(isRoot && !privileged ? { uid: 65534, gid: 65534 } : {}),
    });
    const ran = readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('sudo'));
    return { status, stderr, ran };
  }
}

const REDIS = 'echo "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"';
const installRedis = `printf '#!/bin/sh\\n' > bin/redis-server; /bin/chmod 755 bin/redis-server`;

interface Context {
  checkout: Checkout;
}
const test = suite<Context>('');
test.before.each((context) => {
  context.checkout = new Checkout();
});
test.after.each(({ checkout }) => rmSync(checkout.directory, { recursive: true }));

test('says and runs nothing where nothing is missing', ({ checkout }) => {
  checkout.installed();
  checkout.command('redis-server', REDIS);
  checkout.command('npm');
  assert.equal(checkout.setUp(), { status: 0, stderr: '', ran: ['redis-server --version'] });
});

test('takes a Valkey for a Redis', ({ checkout }) => {
  checkout.installed();
  checkout.command('valkey-server', 'echo "Server v=8.1.1 sha=0"');
  assert.is(checkout.setUp().status, 0);
});

for (const [what, packages] of Object.entries({
  'are missing': undefined,
  'have another version': { 'node_modules/a': { ...CURRENT, version: '1.0.1' } },
  'lack a package': {},
  'have one that is no longer wanted': { 'node_modules/a': CURRENT, 'node_modules/c': CURRENT },
  'are those of another platform': { 'node_modules/a': CURRENT, 'node_modules/b': { ...CURRENT, os: ['plan9'] } },
})) {
  test(`runs npm ci where the packages ${what}, and then no more`, ({ checkout }) => {
    if (packages) checkout.installed(packages);
    checkout.command('redis-server', REDIS);
    const now = JSON.stringify({ packages: { 'node_modules/a': CURRENT } });
    checkout.command('npm', `echo '${now}' > node_modules/.package-lock.json`);
    const { status, ran } = checkout.setUp();
    assert.is(status, 0);
    assert.match(ran.join(), 'npm ci --include=dev');
    assert.equal(checkout.setUp().ran, ['redis-server --version']);
  });
}

test('says why where npm ci fails or npm is missing', ({ checkout }) => {
  assert.match(checkout.setUp().stderr, 'npm is not on PATH');
  checkout.command('npm', 'exit 1');
  const { status, stderr } = checkout.setUp();
  assert.is(status, 1);
  assert.match(stderr, 'npm ci failed');
});

test('installs a server by apt, and leaves none running or enabled', ({ checkout }) => {
  checkout.installed();
  for (const name of ['dpkg', 'invoke-rc.d', 'update-rc.d']) checkout.command(name);
  checkout.command('apt-get', `[ "$1" = update ] || { ${installRedis}; }`);
  const { status, ran } = checkout.setUp();
  assert.is(status, 0);
  assert.equal(ran, [
    'apt-get update',
    'dpkg -s redis-server',
    'apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 redis-server',
    'invoke-rc.d redis-server stop',
    'update-rc.d redis-server disable',
  ]);
});

test('leaves the service of a package alone that apt had installed before', ({ checkout }) => {
  checkout.installed();
  for (const name of ['invoke-rc.d', 'update-rc.d']) checkout.command(name);
  checkout.command('dpkg', 'echo "Status: install ok installed"');
  checkout.command('apt-get', `[ "$1" = update ] || { ${installRedis}; }`);
  assert.not.match(checkout.setUp().ran.join(), 'rc.d');
});

test('tries the other package where dnf has no Valkey', ({ checkout }) => {
  checkout.installed();
  checkout.command('dnf', `[ "$3" = redis ] && { ${installRedis}; }`);
  const { status, ran } = checkout.setUp();
  assert.is(status, 0);
  assert.equal(ran, ['dnf install -y valkey', 'dnf install -y redis']);
});

test('prints the command to type where it may not install, and runs nothing', ({ checkout }) => {
  checkout.installed();
  checkout.command('apt-get');
  const { status, stderr, ran } = checkout.setUp([], { privileged: false });
  assert.is(status, 1);
  assert.match(stderr, 'type: sudo apt-get update && sudo apt-get install redis-server');
  assert.equal(ran, []);
});

test('prints the command to type where installing failed', ({ checkout }) => {
  checkout.installed();
  checkout.command('apk', 'exit 1');
  const { status, stderr } = checkout.setUp();
  assert.is(status, 1);
  assert.match(stderr, 'type: sudo apk add redis');
});

test('refuses a server that is too old, with its path and version', ({ checkout }) => {
  checkout.installed();
  checkout.command('redis-server', 'echo "Redis server v=6.0.16 sha=0"');
  const { status, stderr } = checkout.setUp();
  assert.is(status, 1);
  assert.match(stderr, /bin\/redis-server is 6\.0\.16; put redis-server 6\.2 or newer/);
});

const TOOLS = ['prometheus', 'promtool', 'prometheus-redis-exporter', 'prometheus-pushgateway', 'chromium'];

test('installs by apt what the tests lack, and leaves none of its services running', ({ checkout }) => {
  checkout.installed();
  checkout.command('redis-server', REDIS);
  checkout.write('test/libfaketime.mjs', "export const findLibfaketime = () => 'there';");
  for (const name of ['dpkg', 'invoke-rc.d', 'update-rc.d', 'promtool', 'chromium', 'pushgateway'])
    checkout.command(name);
  checkout.command('apt-get', `for last; do :; done; [ $last = update ] || /bin/cp bin/dpkg bin/$last`);
  const { status, ran } = checkout.setUp(['--test'], { ci: 'true' });
  assert.is(status, 0);
  const install = 'apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120';
  assert.equal(ran, [
    'redis-server --version',
    'apt-get update',
    'dpkg -s prometheus',
    `${install} prometheus`,
    'invoke-rc.d prometheus stop',
    'update-rc.d prometheus disable',
    'dpkg -s prometheus-redis-exporter',
    `${install} prometheus-redis-exporter`,
    'invoke-rc.d prometheus-redis-exporter stop',
    'update-rc.d prometheus-redis-exporter disable',
  ]);
  assert.equal(checkout.setUp(['--test']), { status: 0, stderr: '', ran: ['redis-server --version'] });
});

test('says what to install where the system has no package of a tool', ({ checkout }) => {
  checkout.installed();
  checkout.command('redis-server', REDIS);
  checkout.write('test/libfaketime.mjs', "export const findLibfaketime = () => 'there';");
  checkout.command('brew', 'exit 1');
  const { status, stderr } = checkout.setUp(['--test']);
  assert.is(status, 0);
  assert.match(stderr, 'prometheus is missing; type: brew install prometheus. Until then the tests with a Prometheus');
  assert.match(stderr, 'chromium is missing; install chromium and put it on PATH. Until then the tests of the pages');
});

test('without libfaketime the tests are set up, except with CI=true', ({ checkout }) => {
  for (const tool of TOOLS) checkout.command(tool);
  checkout.installed();
  checkout.command('redis-server', REDIS);
  checkout.write('test/libfaketime.mjs', 'export const findLibfaketime = () => undefined;');
  const { status, stderr } = checkout.setUp(['--test']);
  assert.is(status, 0);
  assert.match(stderr, /libfaketime is missing.*are skipped/);
  assert.is(checkout.setUp(['--test'], { ci: 'true' }).status, 1);
  assert.equal(checkout.setUp([], { ci: 'true' }).status, 0, 'only the tests need it');
});

test('refuses an old Node and an unknown argument', ({ checkout }) => {
  checkout.write('package.json', JSON.stringify({ engines: { node: '>=99.1' } }));
  assert.match(checkout.setUp().stderr, `Node ${process.versions.node} is too old; install 99.1 or newer`);
  assert.is(checkout.setUp(['--tests']).status, 1);
});

test.run();
