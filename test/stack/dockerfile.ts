import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './compose-project.ts';

export interface Instruction {
  name: string;
  /** `--from=…` and the like. */
  options: string[];
  text: string;
}

export interface BuiltImage {
  /** Stands for `/` in it. */
  root: string;
  /** Where its process starts, on this machine. */
  workdir: string;
  /** Its ENTRYPOINT, with paths on this machine. */
  entrypoint: string[];
  /** Whom it runs as; `undefined` where this process may not become somebody else. */
  user: { uid: number; gid: number } | undefined;
}

/** Of the Dockerfile, in its order. */
export function readDockerfile(): Instruction[] {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replace(/\\\n\s*/g, ' ');
  return text.split('\n').flatMap((line) => {
    const [, name, options = '', rest = ''] = /^([A-Z]+)((?: --\S+)*) (.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, options: options.trim().split(' ').filter(Boolean), text: rest }];
  });
}

/** Whether .dockerignore, which leaves out all but what it names, lets a source into the build. */
export function isInContext(source: string): boolean {
  const [first, ...kept] = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return first === '*' && kept.includes(`!${source}`);
}

/**
 * Does what the Dockerfile says, each stage in a directory that stands for its `/`. Programs are those of this machine; the user
 * `node` is nobody, where this process may become somebody else. Only what this Dockerfile has is understood.
 */
export function buildByHand(directory: string): BuiltImage {
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
  const stages = new Map<string, string>();
  const image: BuiltImage = { root: '', workdir: '', entrypoint: [], user: undefined };
  const inImage = (path: string): string => join(path.startsWith('/') ? image.root : image.workdir, path);
  for (const { name, options, text } of readDockerfile()) {
    switch (name) {
      case 'FROM': {
        image.root = join(directory, `stage-${stages.size + 1}`);
        image.workdir = image.root;
        stages.set(/ AS (\w+)$/.exec(text)?.[1] ?? 'last', image.root);
        // As in the images of node.
        const home = join(image.root, 'home/node');
        mkdirSync(home, { recursive: true });
        if (nobody) chownSync(home, nobody.uid, nobody.gid);
        break;
      }
      case 'WORKDIR':
        image.workdir = join(image.root, text);
        mkdirSync(image.workdir, { recursive: true });
        break;
      case 'USER':
        image.user = nobody;
        break;
      case 'COPY': {
        const words = text.split(' ');
        const to = words.at(-1)!;
        const [, from] = /^--from=(\w+)$/.exec(options[0] ?? '') ?? [];
        for (const source of words.slice(0, -1)) {
          if (from === undefined && !isInContext(source)) throw new Error(`COPY ${source}: left out by .dockerignore`);
          copy(join(from === undefined ? ROOT : stages.get(from)!, source), inImage(to), to.endsWith('/'));
        }
        break;
      }
      case 'RUN':
        run(text, image);
        break;
      case 'ENTRYPOINT':
        image.entrypoint = (JSON.parse(text) as string[]).map((word) => (word.startsWith('/') ? inImage(word) : word));
        break;
      case 'ENV':
      case 'EXPOSE':
      case 'CMD':
        break;
      default:
        throw new Error(`${name} is not understood here`);
    }
  }
  return image;
}

/** A file goes into a directory; the contents of a directory become those of the target. */
function copy(source: string, to: string, isDirectory: boolean): void {
  const isInto = isDirectory && statSync(source).isFile();
  cpSync(source, isInto ? join(to, basename(source)) : to, { recursive: true });
}

function run(command: string, { workdir, user }: BuiltImage): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    cwd: workdir,
    encoding: 'utf8',
    env: { ...process.env, npm_config_prefer_offline: 'true' },
    ...user,
  });
  if (status !== 0) throw new Error(`RUN ${command}\n${stdout}${stderr}`);
}
