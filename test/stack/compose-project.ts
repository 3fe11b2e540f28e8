import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CHECK = fileURLToPath(new URL('compose-check/', import.meta.url));
/** What compose-check's go.mod asks for. */
const OLDEST_GO = [1, 23] as const;

export interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  command: string[] | null;
  entrypoint: string[] | null;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string; required: boolean }>;
  networks: Record<string, { aliases?: string[] } | null>;
  ports?: { host_ip?: string; target: number; published: string }[];
  volumes?: { type: string; source: string; target: string; read_only?: boolean }[];
  healthcheck?: { test: string[] };
  mem_limit?: string;
  cap_drop?: string[];
  security_opt?: string[];
  read_only?: boolean;
  init?: boolean;
  user?: string;
}

export interface Project {
  name: string;
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

/** Why there is no Go that compose-go takes; `null`: there is one. */
export function goProblem(): string | null {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout ?? '')?.map(Number) ?? [];
  if (major === undefined) return 'go is missing';
  const isNewEnough = major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor! >= OLDEST_GO[1]);
  return isNewEnough ? null : `go is ${major}.${minor}, and compose-go needs ${OLDEST_GO.join('.')}`;
}

/**
 * A compose file as Docker Compose's own parser takes it.
 *
 * @param env what the person who types `docker compose` has set
 * @throws {Error} with the parser's words where it refuses the file
 */
export function composeProject(
  file: string,
  profiles: readonly string[] = [],
  env: Record<string, string> = {},
): Project {
  const { PATH = '', HOME = '' } = process.env;
  const go = Object.entries(process.env).filter(([name]) => /^(GO|XDG_|SSL_|.*_PROXY$)/i.test(name));
  const { status, stdout, stderr } = spawnSync('go', ['run', '-buildvcs=false', '.', file, ...profiles], {
    cwd: CHECK,
    encoding: 'utf8',
    env: { ...Object.fromEntries(go), PATH, HOME, ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Project;
}
