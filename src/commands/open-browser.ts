import { spawn } from 'node:child_process';

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Shows a page in the user's browser; where that cannot be done, `note` says so. */
export function openBrowser(url: string, note: (line: string) => void): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const opener = spawn(command!, [...args, url], { stdio: 'ignore', detached: true });
  opener.once('error', ({ message }) => note(`no browser could be opened (${message}): see ${url}`));
  opener.unref();
}
