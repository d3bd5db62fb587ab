/** HOST:PORT, as a server's flags have it. */
import { InvalidError } from '../lib/errors.ts';

export interface ListenAddress {
  readonly hostname: string;
  /** 0: whichever is free. */
  readonly port: number;
}

/** Without a host it is every address of the machine. @throws InvalidError */
export function readListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match && port <= 65_535) return { hostname: match[1] ?? (match[2] || '0.0.0.0'), port };
  throw new InvalidError('HOST:PORT is expected, as in 127.0.0.1:5000');
}

/** As a URL has it. */
export function originAt(protocol: 'http' | 'https', { hostname, port }: ListenAddress): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  const isUsual = port === (protocol === 'https' ? 443 : 80);
  return `${protocol}://${host}${isUsual ? '' : `:${port}`}`;
}
