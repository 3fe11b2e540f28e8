import { readFile } from 'node:fs/promises';

/** The page's files by path, with their types. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly content: Buffer }>;

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css' } as const;
const NAMES = ['index.html', 'page.js', 'page.css'] as const;

/** The page as it is served: built beforehand in the package, bundled now from a checkout. */
export async function pageFiles(): Promise<PageFiles> {
  const contents = import.meta.url.endsWith('.ts') ? await bundled() : await built();
  return new Map(
    NAMES.map((name, i) => {
      const type = `${TYPES[name.slice(name.indexOf('.') + 1) as keyof typeof TYPES]}; charset=utf-8`;
      return [name === 'index.html' ? '/' : `/${name}`, { type, content: contents[i]! }];
    }),
  );
}

function built(): Promise<Buffer[]> {
  return Promise.all(NAMES.map((name) => readFile(new URL(`../page/${name}`, import.meta.url))));
}

async function bundled(): Promise<Buffer[]> {
  const script = new URL('../../scripts/bundle-page.ts', import.meta.url);
  const { bundlePage } = (await import(script.href)) as { bundlePage(): Promise<Record<string, Buffer>> };
  const files = await bundlePage();
  return NAMES.map((name) => files[name]!);
}
