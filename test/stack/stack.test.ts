/** `npm run stack`: the lab without Docker, with real programs but for Grafana. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../src/result/schema.ts';
import { skipUnless } from '../skip.ts';
import { onPath } from '../support/on-path.ts';
import { prometheusPath } from '../support/prometheus.ts';
import { allEnded, descendantsOf, endStacks, type StackProcess, startStack, until } from './stack-process.ts';

const STAND_IN = fileURLToPath(new URL('stand-in', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-stack-'));
test.after(() => {
  endStacks();
  rmSync(directory, { recursive: true, force: true });
});

/** What Prometheus' API answers. */
async function ask<T>({ ports }: StackProcess, path: string): Promise<T> {
  const { data } = (await (await fetch(`http://127.0.0.1:${ports.PROMETHEUS_PORT}/api/v1/${path}`)).json()) as {
    data: T;
  };
  return data;
}

const scenario = (out: string): string[] => ['scenarios/quickstart.yml', '--out', join(directory, out)];

function resultIn(out: string): Result {
  return JSON.parse(readFileSync(join(directory, out, 'result.json'), 'utf8')) as Result;
}

const hasPrograms = prometheusPath !== undefined && onPath('redis_exporter', 'prometheus-redis-exporter') !== undefined;
const withPrograms = skipUnless(test, hasPrograms, 'prometheus or prometheus-redis-exporter is missing');

/** Started now, so that both wait for their Prometheus at the same time. */
const short = hasPrograms
  ? startStack([...scenario('short'), '--set', 'duration=1s', '--set', 'cutoff=1s'], { env: { LINGER: '0s' } })
  : null;

withPrograms(
  'Prometheus has the harness, the server and the rules; a Ctrl-C cuts the run off and ends all',
  async () => {
    const stack = await startStack([...scenario('cut-off'), '--set', 'duration=60s'], {
      command: ['npm', 'run', '--silent', 'stack', '--'],
      env: { PATH: `${STAND_IN}/bin:${process.env.PATH}` },
    });
    await stack.said(/ measure /);
    type Targets = { activeTargets: { labels: { job: string }; health: string }[] };
    const { activeTargets } = await until(
      () => ask<Targets>(stack, 'targets'),
      (targets) => targets.activeTargets.filter(({ health }) => health === 'up').length === 2,
    );
    assert.equal(activeTargets.map(({ labels }) => labels.job).sort(), ['redis', 'ttlscope']);
    const { groups } = await ask<{ groups: unknown[] }>(stack, 'rules');
    assert.ok(groups.length > 0);
    type Samples = { result: { metric: Record<string, string> }[] };
    const first = async (query: string) => {
      const isThere = ({ result }: Samples): boolean => result.length > 0;
      const { result } = await until(() => ask<Samples>(stack, `query?query=${encodeURIComponent(query)}`), isThere);
      return result[0]!.metric;
    };
    assert.is((await first('ttlscope_run_info')).scenario, 'quickstart');
    const flags = await first('redis_config_key_value{key="notify-keyspace-events"}');
    assert.match(flags.value!, /^(?=.*E)(?=.*x)(?=.*e)/, 'as docker/redis.conf has them, for an alert to see');

    const given = await (await fetch(`http://127.0.0.1:${stack.ports.GRAFANA_PORT}/given`)).json();
    const { args, env } = given as { args: string[]; env: Record<string, string> };
    assert.equal(args.slice(0, 4), ['server', '--homepath', STAND_IN, '--config']);
    for (const path of [args[4], env.GF_PATHS_PROVISIONING, env.DASHBOARDS, env.GF_PATHS_DATA]) {
      assert.ok(existsSync(path!), path);
    }
    assert.is(env.PROMETHEUS_URL, `http://127.0.0.1:${stack.ports.PROMETHEUS_PORT}`);
    assert.is(dirname(env.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!), env.DASHBOARDS);

    const started = descendantsOf(stack.child.pid!);
    const commands = [...started.values()].join('\n');
    assert.match(commands, /redis-server.*redis-exporter.*prometheus.*grafana.*ttlscope run/s);
    const [, temporary] = /--config\.file=(\S+)\/prometheus\.yml/.exec(commands)!;
    // As a terminal does: to all of its foreground process group. npm then passes it on once more.
    process.kill(-stack.child.pid!, 'SIGINT');
    await stack.ended;
    await allEnded(started);
    assert.not(existsSync(temporary!));
    assert.is(resultIn('cut-off').verdict.state, 'aborted');
  },
);

withPrograms('when the run is over the stack stays, until a SIGTERM', async () => {
  const stack = await short!;
  await stack.said(/the run is over/);
  const started = descendantsOf(stack.child.pid!);
  assert.match([...started.values()].join('\n'), /redis-server.*redis-exporter.*prometheus/s);
  stack.child.kill('SIGTERM');
  const { verdict } = resultIn('short');
  assert.is(await stack.ended, verdict.state === 'valid' ? 0 : 98, "the run's exit code");
  await allEnded(started);
});

test.run();
