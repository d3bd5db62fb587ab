/** Where a request comes from: the address that limits count by, and who may say that it comes from elsewhere. */
import parseForwarded from 'forwarded-parse';
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

/** Addresses, by the networks that they are in. */
export class Networks {
  readonly #networks: readonly Network[];

  /** @param networks as in 10.0.0.0/8 or ::1. @throws InvalidError */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map(readNetwork);
  }

  /** With commas between them. */
  toString(): string {
    return this.#networks.map(([network, bits]) => `${network.toString()}/${bits}`).join(',');
  }

  includes(address: string): boolean {
    if (this.#networks.length === 0 || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.#networks.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
    );
  }
}

/** Proxies whose X-Forwarded and Forwarded headers are believed. Nobody else's are. */
export class TrustedProxies extends Networks {
  /**
   * The client's address: the last one that a proxy of ours names and that is none of ours. Those before it anybody may have
   * written. Where X-Forwarded-For and Forwarded both tell one, they have to agree: of one of them the proxy may know nothing, and
   * pass on what the client wrote.
   */
  clientOf(peer: string, headers: Headers): string {
    if (!this.includes(peer)) return peer;
    const list = headers.get('X-Forwarded-For')?.split(',');
    const told = [list, readForwarded(headers)?.map((hop) => hop.for ?? '')].flatMap((chain) =>
      chain === undefined ? [] : [this.#clientIn(chain) ?? peer],
    );
    const [client = peer, other = client] = told;
    return client === other ? client : peer;
  }

  /** The origin that the client sees, where a proxy of ours tells: `https://hub.example`. */
  originOf(peer: string, request: Request): string | undefined {
    if (!this.includes(peer)) return undefined;
    const { protocol, host } = new URL(request.url);
    const { headers } = request;
    const hop = readForwarded(headers)?.at(-1);
    const scheme = agreed(lastOf(headers.get('X-Forwarded-Proto')), hop?.proto, protocol.slice(0, -1));
    const name = agreed(lastOf(headers.get('X-Forwarded-Host')), hop?.host, host);
    if (!/^https?$/.test(scheme) || !/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(name)) return undefined;
    return URL.parse(`${scheme}://${name}`)?.origin;
  }

  /** @param chain nearest to us last. */
  #clientIn(chain: readonly string[]): string | undefined {
    for (const entry of chain.toReversed()) {
      const address = addressIn(entry);
      if (!ipaddr.isValid(address)) return undefined;
      if (!this.includes(address)) return ipaddr.process(address).toString();
    }
    return undefined;
  }
}

/** Without a port, and without the brackets that an IPv6 address has in Forwarded. */
function addressIn(entry: string): string {
  const text = entry.trim();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}

/** What both say; where they contradict each other, what the connection says. */
function agreed(first: string | undefined, second: string | undefined, otherwise: string): string {
  const told = first ?? second;
  return told === undefined || (second !== undefined && second !== told) ? otherwise : told;
}

/** What a proxy says of the one before it. */
interface Hop {
  readonly for?: string;
  readonly proto?: string;
  readonly host?: string;
}

/** RFC 7239's header, nearest to us last; undefined where there is none, or nonsense. */
function readForwarded(headers: Headers): readonly Hop[] | undefined {
  const text = headers.get('Forwarded');
  if (text === null) return undefined;
  try {
    return parseForwarded(text);
  } catch {
    return undefined;
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
