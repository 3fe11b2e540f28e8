import type { Arg, Numbers } from './profile.ts';

/** The arguments of one command for one session. */
export function render(args: readonly Arg[], numbers: Numbers, payload: string, prefix: string): string[] {
  return args.map((arg) => {
    if (typeof arg === 'string') return arg;
    if ('payload' in arg) return arg.before + payload + arg.behind;
    const text = arg.key ? prefix + arg.text : arg.text;
    if (!('number' in arg)) return text;
    const value = numbers[arg.number];
    return text + String(arg.map ? arg.map(value) : value);
  });
}
