import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../../src/redis/connect.ts';
import { Child } from './child.ts';
import { StackFailure } from './failure.ts';
import { HOST, type Ports } from './ports.ts';
import type { Grafana, Programs } from './programs.ts';
import { localConfig } from './prometheus-config.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const fromRoot = (path: string): string => join(ROOT, path);

export interface StartOptions {
  programs: Programs;
  ports: Ports;
  /** Takes what the parts write; gone with the stack. */
  directory: string;
  signal: AbortSignal;
  /** Told of each child as soon as there is one, so that it is ended whatever comes. */
  onChild: (child: Child) => void;
}

/** Starts all but the run, each when those that it asks answer. @throws {StackFailure} when one does not start */
export async function startParts(options: StartOptions): Promise<void> {
  const { exporter, grafana } = options.programs;
  await startServer(options);
  if (exporter !== null) await startExporter(exporter, options);
  await startPrometheus(options);
  if (grafana !== null) await startGrafana(grafana, options);
}

async function startServer({ programs, ports, directory, signal, onChild }: StartOptions): Promise<void> {
  const child = await Child.start('the server', {
    command: programs.server,
    args: [fromRoot('docker/redis.conf'), '--bind', HOST, '--port', `${ports.redis}`, '--dir', directory],
    log: join(directory, 'server.log'),
  });
  onChild(child);
  await child.answers(async () => {
    const redis = await connect({ host: HOST, port: ports.redis, tls: false, db: 0 }, { name: 'ttlscope-stack' });
    redis.disconnect();
  }, signal);
}

async function startExporter(command: string, { ports, directory, signal, onChild }: StartOptions): Promise<void> {
  const child = await Child.start('redis_exporter', {
    command,
    args: [
      ...['-redis.addr', `redis://${HOST}:${ports.redis}`, '-web.listen-address', `${HOST}:${ports.exporter}`],
      '-include-config-metrics',
    ],
    log: join(directory, 'redis_exporter.log'),
  });
  onChild(child);
  await child.answers(() => askPage(ports.exporter, '/health', signal), signal);
}

async function startPrometheus({ programs, ports, directory, signal, onChild }: StartOptions): Promise<void> {
  const written = fromRoot('docker/prometheus.yml');
  const config = join(directory, 'prometheus.yml');
  const text = localConfig(readFileSync(written, 'utf8'), dirname(written), {
    'ttlscope:9847': `${HOST}:${ports.metrics}`,
    'redis_exporter:9121': programs.exporter === null ? null : `${HOST}:${ports.exporter}`,
  });
  writeFileSync(config, text);
  const child = await Child.start('prometheus', {
    command: programs.prometheus,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'prometheus')}`,
      `--web.listen-address=${HOST}:${ports.prometheus}`,
    ],
    log: join(directory, 'prometheus.log'),
  });
  onChild(child);
  // It looks for targets some seconds after it is ready: a run that began before would not be seen from its start.
  await child.answers(async () => {
    const page = await askPage(ports.prometheus, '/api/v1/targets', signal);
    if (!page.includes('"health"')) throw new StackFailure('it has no targets yet');
  }, signal);
}

/** By the files and settings of the container; what lies elsewhere here is told by its environment. */
async function startGrafana(
  { command: [command, ...args], home }: Grafana,
  { ports, directory, signal, onChild }: StartOptions,
): Promise<void> {
  const data = join(directory, 'grafana');
  mkdirSync(data);
  const child = await Child.start('grafana', {
    command: command!,
    args: [...args, '--homepath', home, '--config', fromRoot('docker/grafana/grafana.ini')],
    env: {
      PROMETHEUS_URL: `http://${HOST}:${ports.prometheus}`,
      DASHBOARDS: fromRoot('dashboards'),
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: fromRoot('dashboards/session-expiry.json'),
      GF_AUTH_ANONYMOUS_ORG_ROLE: process.env.GRAFANA_ROLE ?? 'Viewer',
      GF_PATHS_PROVISIONING: fromRoot('docker/grafana/provisioning'),
      GF_PATHS_DATA: data,
      GF_PATHS_LOGS: join(data, 'log'),
      GF_PATHS_PLUGINS: join(data, 'plugins'),
      GF_SERVER_HTTP_ADDR: HOST,
      GF_SERVER_HTTP_PORT: `${ports.grafana}`,
    },
    log: join(directory, 'grafana.log'),
  });
  onChild(child);
  await child.answers(() => askPage(ports.grafana, '/api/health', signal), signal);
}

async function askPage(port: number, path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`http://${HOST}:${port}${path}`, { signal });
  if (!response.ok) throw new StackFailure(`${path} answers ${response.status}`);
  return response.text();
}
