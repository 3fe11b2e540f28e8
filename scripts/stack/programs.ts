import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findServerBinary, onPath } from '../../src/redis/server-binary.ts';
import { StackFailure } from './failure.ts';

export interface Programs {
  /** redis-server or valkey-server */
  server: string;
  prometheus: string;
  exporter: string | null;
  grafana: Grafana | null;
}

export interface Grafana {
  command: readonly string[];
  /** Has its defaults and its pages. */
  home: string;
}

/** Where Grafana's packages put its files. */
const GRAFANA_HOMES = ['/usr/share/grafana', '/usr/local/share/grafana', '/opt/homebrew/share/grafana'];

/**
 * What of the stack is on PATH.
 *
 * @throws {ServerUnusable} without a server
 * @throws {StackFailure} without Prometheus
 */
export function findPrograms(): Programs {
  const server = findServerBinary();
  const prometheus = onPath('prometheus');
  if (prometheus === null) {
    throw new StackFailure('prometheus is not on PATH; install it (Debian: apt-get install prometheus)');
  }
  const exporter = onPath('redis_exporter') ?? onPath('prometheus-redis-exporter');
  return { server, prometheus, exporter, grafana: findGrafana() };
}

/** A line for each part that is missing: which, what it would give, how to get it. */
export function tellMissing({ exporter, grafana }: Programs): string[] {
  return [
    ...(exporter === null
      ? [
          'redis_exporter is not on PATH: of the server there is what ttlscope samples during a run, and no more (Debian: apt-get install prometheus-redis-exporter)',
        ]
      : []),
    ...(grafana === null
      ? [
          'grafana is not on PATH: no dashboards; Prometheus draws single metrics and shows the alerts (https://grafana.com/grafana/download, or docker compose up)',
        ]
      : []),
  ];
}

function findGrafana(): Grafana | null {
  const grafana = onPath('grafana');
  const path = grafana ?? onPath('grafana-server');
  if (path === null) return null;
  // In its archive the program lies in HOME/bin.
  const home = [dirname(dirname(realpathSync(path))), ...GRAFANA_HOMES].find((directory) =>
    existsSync(join(directory, 'conf', 'defaults.ini')),
  );
  if (home === undefined) throw new StackFailure(`${path}: its conf/defaults.ini is not found; is it a Grafana?`);
  return { command: grafana === null ? [path] : [path, 'server'], home };
}
