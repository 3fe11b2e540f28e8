import { once } from 'node:events';
import net from 'node:net';
import { StackFailure } from './failure.ts';

/** The address of all that the stack serves. */
export const HOST = '127.0.0.1';

/** Which variable of the environment names which port: those of docker-compose.yml, and the exporter's. */
const PORTS = {
  redis: ['REDIS_PORT', 6379],
  metrics: ['METRICS_PORT', 9847],
  exporter: ['EXPORTER_PORT', 9121],
  prometheus: ['PROMETHEUS_PORT', 9090],
  grafana: ['GRAFANA_PORT', 3000],
} as const;

export type Part = keyof typeof PORTS;
export type Ports = Readonly<Record<Part, number>>;

/** @throws {StackFailure} naming the variable that holds no port */
export function readPorts(env: Readonly<NodeJS.ProcessEnv>): Ports {
  const ports = Object.entries(PORTS).map(([part, [variable, usual]]) => {
    const text = env[variable] || String(usual);
    const port = Number(text);
    if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
      throw new StackFailure(`${variable}: "${text}" is not a port: 1 to 65535`);
    }
    return [part, port];
  });
  return Object.fromEntries(ports) as Record<Part, number>;
}

/** @throws {StackFailure} naming each port that is in use, and the variable by which another is chosen */
export async function checkFree(parts: readonly Part[], ports: Ports): Promise<void> {
  const problems: string[] = [];
  for (const part of parts) {
    const problem = await problemOf(ports[part]);
    if (problem)
      problems.push(`${HOST}:${ports[part]} for ${part}: ${problem}; ${PORTS[part][0]}=N takes another port`);
  }
  const twice = parts.find((part, i) => parts.some((other, j) => j < i && ports[other] === ports[part]));
  if (twice) problems.push(`${ports[twice]} for ${twice}: something else of the stack has that port`);
  if (problems.length > 0) throw new StackFailure(problems.join('\n'));
}

async function problemOf(port: number): Promise<string | null> {
  const server = net.createServer().listen(port, HOST);
  try {
    await once(server, 'listening');
    server.close();
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EADDRINUSE' ? 'it is in use' : message;
  }
}
