/** `npm run stack`: the lab without Docker, with real programs but for Grafana. */
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findServerBinary, onPath } from '../../src/redis/server-binary.ts';
import type { Result } from '../../src/result/schema.ts';
import { skipUnless } from '../skip.ts';
import { descendantsOf, type StackProcess, startStack, stillRunning } from './stack-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-stack-'));
const stacks: StackProcess[] = [];
test.after(() => {
  for (const stack of stacks) stack.end();
  rmSync(directory, { recursive: true, force: true });
});

async function start(...args: Parameters<typeof startStack>): Promise<StackProcess> {
  const stack = await startStack(...args);
  stacks.push(stack);
  return stack;
}

/** What Prometheus' API answers. */
async function ask<T>({ ports }: StackProcess, path: string): Promise<T> {
  const { data } = (await (await fetch(`http://127.0.0.1:${ports.PROMETHEUS_PORT}/api/v1/${path}`)).json()) as {
    data: T;
  };
  return data;
}

/** Scrapes come once a second: asks until the answer is so. */
async function until<T>(get: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await get();
    if (isSo(value)) return value;
    await delay(100);
  }
}

/** A directory for PATH that has programs of these names, and nothing else. */
function pathOf(name: string, programs: Record<string, string>): string {
  const path = join(directory, name);
  mkdirSync(path, { recursive: true });
  for (const [program, text] of Object.entries(programs)) {
    const file = join(path, program);
    if (text.startsWith('/')) symlinkSync(text, file);
    else writeFileSync(file, text, { mode: 0o755 });
  }
  return path;
}

const long = ['scenarios/quickstart.yml', '--set', 'duration=60s'];
const hasPrograms = ['prometheus', 'prometheus-redis-exporter'].every((name) => onPath(name) !== null);
const withPrograms = skipUnless(test, hasPrograms, 'prometheus or prometheus-redis-exporter is missing');

withPrograms(
  'Prometheus has the harness, the server and the rules; a Ctrl-C cuts the run off and ends all',
  async () => {
    const out = join(directory, 'result');
    const stack = await start([...long, '--out', out], { command: ['npm', 'run', '--silent', 'stack', '--'] });
    await stack.said(/ measure /);
    type Targets = { activeTargets: { labels: { job: string }; health: string }[] };
    const { activeTargets } = await until(
      () => ask<Targets>(stack, 'targets'),
      (targets) => targets.activeTargets.filter(({ health }) => health === 'up').length === 2,
    );
    assert.equal(activeTargets.map(({ labels }) => labels.job).sort(), ['redis', 'ttlscope']);
    const { groups } = await ask<{ groups: unknown[] }>(stack, 'rules');
    assert.ok(groups.length > 0);
    type Samples = { result: { metric: { scenario: string } }[] };
    const { result } = await until(
      () => ask<Samples>(stack, 'query?query=ttlscope_run_info'),
      (samples) => samples.result.length > 0,
    );
    assert.is(result[0]!.metric.scenario, 'quickstart');

    const started = descendantsOf(stack.child.pid!);
    assert.match([...started.values()].join('\n'), /redis-server.*redis-exporter.*prometheus.*ttlscope run/s);
    const [, temporary] = /--config\.file=(\S+)\/prometheus\.yml/.exec([...started.values()].join('\n'))!;
    assert.ok(existsSync(temporary!));
    // As a terminal does: to all of its foreground process group. npm then passes it on once more.
    process.kill(-stack.child.pid!, 'SIGINT');
    await stack.ended;
    await until(
      async () => stillRunning(started),
      (left) => left.length === 0,
    );
    assert.not(existsSync(temporary!));
    const { verdict } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
    assert.is(verdict.state, 'aborted');
  },
);

withPrograms(
  'Grafana is given the files of its container; the stack stays after the run, and a SIGTERM ends it',
  async () => {
    const home = join(directory, 'grafana-home');
    mkdirSync(join(home, 'conf'), { recursive: true });
    writeFileSync(join(home, 'conf/defaults.ini'), '');
    // It stands for a Grafana, which cannot be had here: it says what it was given, and that it is well.
    const grafana = `#!${process.execPath}
    const { writeFileSync } = require('node:fs');
    const env = Object.entries(process.env).filter(([name]) => /^(GF_|PROMETHEUS_URL$|DASHBOARDS$)/.test(name));
    writeFileSync(${JSON.stringify(join(directory, 'grafana.json'))}, JSON.stringify({ args: process.argv.slice(2), env: Object.fromEntries(env) }));
    require('node:http').createServer((request, response) => response.end(request.url)).listen(process.env.GF_SERVER_HTTP_PORT, process.env.GF_SERVER_HTTP_ADDR);`;
    const path = pathOf('grafana-home/bin', { grafana });
    const stack = await start(
      [
        'scenarios/quickstart.yml',
        ...['duration=1s', 'cutoff=1s'].flatMap((set) => ['--set', set]),
        '--out',
        join(directory, 'short'),
      ],
      { env: { PATH: `${path}:${process.env.PATH}`, LINGER: '0s' } },
    );
    await stack.said(/the run is over/);
    const started = descendantsOf(stack.child.pid!);
    assert.is(started.size, 4, [...started.values()].join('\n'));
    const { args, env } = JSON.parse(readFileSync(join(directory, 'grafana.json'), 'utf8'));
    assert.equal(args.slice(0, 4), ['server', '--homepath', home, '--config']);
    for (const file of [args[4], env.GF_PATHS_PROVISIONING, env.DASHBOARDS, env.GF_PATHS_DATA])
      assert.ok(existsSync(file), file);
    assert.is(env.PROMETHEUS_URL, `http://127.0.0.1:${stack.ports.PROMETHEUS_PORT}`);
    assert.ok(env.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH.startsWith(`${env.DASHBOARDS}/`));
    stack.child.kill('SIGTERM');
    assert.is(await stack.ended, 0, "the run's");
    assert.equal(stillRunning(started), []);
  },
);

withPrograms('a port in use is told of before anything starts, with the way to another', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const stack = await start(long, { env: { PROMETHEUS_PORT: String(port) } });
  assert.is(await stack.ended, 1);
  assert.is(
    stack.text(),
    `stack: 127.0.0.1:${port} for prometheus: it is in use; PROMETHEUS_PORT=N takes another port\n`,
  );
  server.close();
});

test('what is missing is told; a part that does not start ends the others, with its last words', async () => {
  const path = pathOf('without', {
    'redis-server': findServerBinary(),
    prometheus: `#!${process.execPath}\nconsole.error('opening storage failed'); process.exitCode = 3;`,
  });
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('ttlscope-stack-'));
  const stack = await start(long, { env: { PATH: path } });
  assert.is(await stack.ended, 1);
  assert.match(stack.text(), /redis_exporter is not on PATH: .*\n.*grafana is not on PATH: no dashboards/);
  assert.match(stack.text(), 'prometheus ended (3); it said last:\nopening storage failed');
  await assertRefused(stack.ports.REDIS_PORT);
  assert.equal(
    readdirSync(tmpdir()).filter((name) => name.startsWith('ttlscope-stack-')),
    before,
  );
});

test('without Prometheus nothing starts', async () => {
  const stack = await start(long, { env: { PATH: pathOf('bare', { 'redis-server': findServerBinary() }) } });
  assert.is(await stack.ended, 1);
  assert.match(stack.text(), /^stack: prometheus is not on PATH; install it/);
});

async function assertRefused(port: number): Promise<void> {
  const [error] = await once(net.connect(port, '127.0.0.1'), 'error');
  assert.is((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
}

test.run();
