/** Where a request comes from: the address that limits count by, and who may say that it comes from elsewhere. */
import ipaddr from 'ipaddr.js';
import { InvalidError } from '../../lib/errors.ts';

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** What limits count by: an IPv4 address, or the /64 that an IPv6 customer has. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const bytes = parsed.toByteArray().fill(0, 8);
  return `${ipaddr.fromByteArray(bytes).toString()}/64`;
}

/** Proxies whose X-Forwarded headers are believed. Nobody else's are. */
export class TrustedProxies {
  readonly #networks: readonly Network[];

  /** @param networks as in 10.0.0.0/8 or ::1. @throws InvalidError */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map(readNetwork);
  }

  includes(address: string): boolean {
    if (this.#networks.length === 0 || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.#networks.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
    );
  }

  /** The client's address: the last one in X-Forwarded-For that is no proxy of ours. Those before it anybody may have written. */
  clientOf(peer: string, headers: Headers): string {
    if (!this.includes(peer)) return peer;
    const forwarded = headers.get('X-Forwarded-For')?.split(',') ?? [];
    for (const entry of forwarded.toReversed()) {
      const address = entry.trim();
      if (!ipaddr.isValid(address)) return peer;
      if (!this.includes(address)) return ipaddr.process(address).toString();
    }
    return peer;
  }

  /** The origin that the client sees, where a proxy of ours tells: `https://hub.example`. */
  originOf(peer: string, request: Request): string | undefined {
    if (!this.includes(peer)) return undefined;
    const { protocol, host } = new URL(request.url);
    const scheme = lastOf(request.headers.get('X-Forwarded-Proto')) ?? protocol.slice(0, -1);
    const name = lastOf(request.headers.get('X-Forwarded-Host')) ?? host;
    if (!/^https?$/.test(scheme) || !/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(name)) return undefined;
    return URL.parse(`${scheme}://${name}`)?.origin;
  }
}

function lastOf(header: string | null): string | undefined {
  return header?.split(',').at(-1)?.trim() || undefined;
}

function readNetwork(text: string): Network {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (ipaddr.isValid(text)) {
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128] as Network;
  }
  throw new InvalidError(`${text} is no address or network: 10.0.0.0/8 or ::1 is expected`);
}
