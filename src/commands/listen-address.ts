import { InvalidArgumentError } from 'commander';

export interface ListenAddress {
  host: string;
  port: number;
}

export const DEFAULT_ADDRESS = { host: '127.0.0.1', port: 9847 } as const satisfies ListenAddress;

/** `HOST:PORT`, `[::1]:PORT`, or a port alone, of 127.0.0.1; port 0 is any that is free. */
export function listenAddress(text: string): ListenAddress {
  const [, bracketed, name, port] = /^(?:(?:\[([0-9a-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    const { host, port: usual } = DEFAULT_ADDRESS;
    throw new InvalidArgumentError(`HOST:PORT is expected, such as ${host}:${usual}. The scenario goes before it.`);
  }
  return { host: bracketed ?? name ?? DEFAULT_ADDRESS.host, port: Number(port) };
}
