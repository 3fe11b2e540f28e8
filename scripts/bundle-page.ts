/** `npm run build` writes the live page to dist/page; from a checkout it is bundled when it is asked for. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PAGE = new URL('../page/', import.meta.url);

/** The page's files by name, for browsers of the last two years. */
export async function bundlePage(): Promise<Record<string, Buffer>> {
  const { outputFiles } = await build({
    entryPoints: { page: fileURLToPath(new URL('main.ts', PAGE)) },
    bundle: true,
    minify: true,
    write: false,
    outdir: 'page',
    format: 'esm',
    target: 'es2022',
    legalComments: 'inline',
    logLevel: 'error',
  });
  const files = Object.fromEntries(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
  return { ...files, 'index.html': await readFile(new URL('index.html', PAGE)) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = new URL('../dist/page/', import.meta.url);
  await mkdir(target, { recursive: true });
  for (const [name, content] of Object.entries(await bundlePage())) await writeFile(new URL(name, target), content);
}
