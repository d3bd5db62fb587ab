/**
 * The nftables rules of all networks: one table of our own, written as a whole from what the store knows, in one transaction of
 * the kernel's; published ports come and go as elements of its maps. Nobody else's rules are read or touched; a drop in another table (docker's FORWARD policy) still drops.
 */
import { existsSync } from 'node:fs';
import { runChecked } from '../../lib/subprocess.ts';
import { addElement, deleteElement, type MapElement } from '../linux/nft-map.ts';
import { addressBytes, formatAddress, formatSubnet, parseAddress, type Subnet } from './ipv4.ts';
import type { Protocol, PublishedPort } from './port-bindings.ts';

interface BridgedNetwork {
  readonly bridge: string;
  readonly subnet: Subnet;
  /** Nothing of it leaves this host. */
  readonly isInternal: boolean;
  /** Its containers go out under the host's address. */
  readonly isMasqueraded: boolean;
  /** Undefined without IPv6. */
  readonly subnet6?: string | undefined;
}

export interface Redirection {
  readonly port: PublishedPort;
  readonly address: number;
}

/** All that the rules follow from. */
export interface RuleSource {
  readonly networks: readonly BridgedNetwork[];
  readonly redirections: readonly Redirection[];
}

export class Firewall {
  readonly #table: string;
  readonly #source: () => RuleSource;
  /** One change after the other: none is lost to a table that is written anew meanwhile. */
  #queue: Promise<void> = Promise.resolve();

  /** @param source asked anew whenever the table is written. */
  constructor(table: string, source: () => RuleSource) {
    this.#table = table;
    this.#source = source;
  }

  /** Makes the kernel's rules those of the present source, whatever they were. A run of nft: 10 to 20 ms. */
  apply(): Promise<void> {
    return this.#enqueue(() => this.#write());
  }

  /** Opens ports that the source names already. In-process, below a millisecond. */
  redirect(redirections: readonly Redirection[]): Promise<void> {
    return this.#enqueue(() => this.#change(addElement, redirections));
  }

  /** Closes ports that the source names no more. */
  unredirect(redirections: readonly Redirection[]): Promise<void> {
    return this.#enqueue(() => this.#change(deleteElement, redirections));
  }

  /** Takes all rules away. Idempotent. */
  remove(): Promise<void> {
    const rules = `table ip ${this.#table}\ndelete table ip ${this.#table}\n`;
    return this.#enqueue(() => runNft(`${rules}${renderRules6(this.#table, [])}`));
  }

  /** A table that is not as we left it (somebody flushed the rules) is written anew. */
  async #change(change: typeof addElement, redirections: readonly Redirection[]): Promise<void> {
    try {
      for (const redirection of redirections.filter(isIpv4)) {
        change(this.#table, mapOf(redirection), elementOf(redirection));
      }
    } catch {
      await this.#write();
    }
  }

  #write(): Promise<void> {
    const source = this.#source();
    return runNft(`${renderRules(this.#table, source)}${renderRules6(this.#table, source.networks)}`);
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step, step);
    return this.#queue;
  }
}

async function runNft(rules: string): Promise<void> {
  await runChecked(['nft', '-f', '-'], { input: rules });
}

/** Making the table first lets `delete` succeed whether it was there or not. */
export function renderRules(table: string, { networks, redirections }: RuleSource): string {
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain guard {
    type filter hook prerouting priority raw; policy accept;
${lines(networks.flatMap(guardRules))}
  }
  chain between {
    type filter hook forward priority filter; policy accept;
    ct status dnat accept
    ct state established,related accept
${lines(isolationRules(networks))}
  }
  map anywhere {
    type inet_proto . inet_service : ipv4_addr . inet_service;
    ${elements('anywhere', redirections)}
  }
  map addressed {
    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;
    ${elements('addressed', redirections)}
  }
  chain published {
    dnat ip to meta l4proto . th dport map @anywhere
    dnat ip to ip daddr . meta l4proto . th dport map @addressed
  }
  chain incoming {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump published
  }
  chain local {
    type nat hook output priority -100; policy accept;
    fib daddr type local jump published
  }
  chain outgoing {
    type nat hook postrouting priority srcnat; policy accept;
${lines(networks.flatMap(masqueradeRules))}
  }
}
`;
}

/** Of IPv6: isolation and the way out. Published ports are the engine's own sockets there, see port-holder.ts. '' where the host has none. */
function renderRules6(table: string, networks: readonly BridgedNetwork[]): string {
  if (!existsSync('/proc/net/if_inet6')) return '';
  const own = networks.filter(({ subnet6 }) => subnet6 !== undefined);
  const gone = `table ip6 ${table}\ndelete table ip6 ${table}\n`;
  if (own.length === 0) return gone;
  return `${gone}table ip6 ${table} {
  chain guard {
    type filter hook prerouting priority raw; policy accept;
${lines(
  own
    .filter(({ isMasqueraded }) => isMasqueraded)
    .map(({ bridge, subnet6 = '' }) => neighbourRule(bridge, `ip6 daddr ${subnet6}`)),
)}
  }
  chain between {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
${lines(isolationRules(networks))}
  }
  chain outgoing {
    type nat hook postrouting priority srcnat; policy accept;
${lines(
  own
    .filter(({ isMasqueraded }) => isMasqueraded)
    .map(({ bridge, subnet6 = '' }) => `oifname != "${bridge}" ip6 saddr ${subnet6} masquerade`),
)}
  }
}
`;
}

function neighbourRule(bridge: string, toUs: string): string {
  return `iifname != "${bridge}" fib saddr type != local ${toUs} drop`;
}

/**
 * Loopback addresses come from the host alone (route_localnet is on for published ports on 127.0.0.1),
 * and containers are reached through published ports, not by a neighbour who routes to their subnet.
 */
function guardRules({ bridge, subnet, isMasqueraded }: BridgedNetwork): string[] {
  const neighbours = neighbourRule(bridge, `ip daddr ${formatSubnet(subnet)}`);
  // Without masquerade answers come to the container's own address: isolationRules drops what is no answer.
  return [`iifname "${bridge}" ip daddr 127.0.0.0/8 drop`, ...(isMasqueraded ? [neighbours] : [])];
}

/** From one network to another there is no way but a published port, and from an internal one none at all. */
function isolationRules(networks: readonly BridgedNetwork[]): string[] {
  return networks.flatMap(({ bridge, isInternal, isMasqueraded }) => {
    const others = networks.map((other) => other.bridge).filter((name) => name !== bridge);
    const names = others.map((name) => `"${name}"`).join(', ');
    return [
      ...(isInternal
        ? [
            `iifname "${bridge}" oifname != "${bridge}" drop`,
            `oifname "${bridge}" iifname != "${bridge}" drop`,
          ]
        : []),
      ...(isMasqueraded ? [] : [`oifname "${bridge}" iifname != "${bridge}" drop`]),
      ...(others.length > 0 ? [`iifname "${bridge}" oifname { ${names} } drop`] : []),
    ];
  });
}

/**
 * Out into the world as the host; and two cases in which the answer would go astray: the host by its loopback address,
 * a container that comes back by a published port to its own network.
 */
function masqueradeRules({ bridge, subnet, isMasqueraded }: BridgedNetwork): string[] {
  const range = formatSubnet(subnet);
  return [
    ...(isMasqueraded ? [`oifname != "${bridge}" ip saddr ${range} masquerade`] : []),
    `oifname "${bridge}" ip saddr 127.0.0.0/8 masquerade`,
    `oifname "${bridge}" ip saddr ${range} ct status dnat masquerade`,
  ];
}

/** IPv6 is passed on by the engine itself. */
function isIpv4({ port }: Redirection): boolean {
  return !port.hostIp.includes(':');
}

/** Ports on every address of the host are looked up apart from those on one. */
function mapOf({ port }: Redirection): 'anywhere' | 'addressed' {
  return port.hostIp === '0.0.0.0' ? 'anywhere' : 'addressed';
}

function elements(map: 'anywhere' | 'addressed', redirections: readonly Redirection[]): string {
  const own = redirections.filter((candidate) => isIpv4(candidate) && mapOf(candidate) === map);
  return own.length === 0 ? '' : `elements = { ${own.map(renderElement).join(', ')} }`;
}

function renderElement(redirection: Redirection): string {
  const { port, address } = redirection;
  const host = mapOf(redirection) === 'addressed' ? `${port.hostIp} . ` : '';
  return `${host}${port.protocol} . ${port.hostPort} : ${formatAddress(address)} . ${port.containerPort}`;
}

/** The same as the kernel has it. */
function elementOf(redirection: Redirection): MapElement {
  const { port, address } = redirection;
  const host = mapOf(redirection) === 'addressed' ? addressBytes(parseAddress(port.hostIp) ?? 0) : [];
  return {
    key: Uint8Array.from([...host, protocolNumbers[port.protocol], 0, 0, 0, ...portBytes(port.hostPort)]),
    data: Uint8Array.from([...addressBytes(address), ...portBytes(port.containerPort)]),
  };
}

const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

function portBytes(port: number): number[] {
  return [port >> 8, port & 255, 0, 0];
}

function lines(rules: readonly string[]): string {
  return rules.map((rule) => `    ${rule}`).join('\n');
}
