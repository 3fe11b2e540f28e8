import { parseEndpoint, printEndpoint } from '../redis/endpoint.ts';

/** What was typed, to be typed again in a shell. Of a URL that may have a password, without it. */
export function commandLine(args: readonly string[]): string {
  const hidden = args.map((arg, i) => {
    const [, name, value] = /^(--redis|--push-gateway)=(.*)$/s.exec(arg) ?? [];
    if (name !== undefined) return `${name}=${withoutPassword(name, value!)}`;
    const before = args[i - 1];
    return before === '--redis' || before === '--push-gateway' ? withoutPassword(before, arg) : arg;
  });
  return ['ttlscope', ...hidden].map(quoted).join(' ');
}

function withoutPassword(option: string, url: string): string {
  try {
    if (option === '--redis') return printEndpoint(parseEndpoint(url));
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
  } catch {
    return '…';
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
