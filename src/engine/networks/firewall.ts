/**
 * The nftables rules of all networks: one table of our own, written anew as a whole from what the store knows, in one
 * transaction of the kernel's. Nobody else's rules are read or touched; a drop in another table (docker's FORWARD policy) still drops.
 */
import { runChecked } from '../../lib/subprocess.ts';
import { formatAddress, formatSubnet, type Subnet } from './ipv4.ts';
import type { PublishedPort } from './port-bindings.ts';

export interface BridgedNetwork {
  readonly bridge: string;
  readonly subnet: Subnet;
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
  /** One change after the other: the last one written is the latest. */
  #queue: Promise<void> = Promise.resolve();

  /** @param source asked anew at each change. */
  constructor(table: string, source: () => RuleSource) {
    this.#table = table;
    this.#source = source;
  }

  /** Makes the kernel's rules those of the present source. 5 to 10 ms: not called where nothing is published. */
  apply(): Promise<void> {
    return this.#enqueue(() => renderRules(this.#table, this.#source()));
  }

  /** Takes all rules away. Idempotent. */
  remove(): Promise<void> {
    return this.#enqueue(() => `table ip ${this.#table}\ndelete table ip ${this.#table}\n`);
  }

  #enqueue(render: () => string): Promise<void> {
    const write = async (): Promise<void> => {
      await runChecked(['nft', '-f', '-'], { input: render() });
    };
    this.#queue = this.#queue.then(write, write);
    return this.#queue;
  }
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
  chain published {
${lines(redirections.filter(isIpv4).map(redirectRule))}
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

/**
 * Loopback addresses come from the host alone (route_localnet is on for published ports on 127.0.0.1),
 * and containers are reached through published ports, not by a neighbour who routes to their subnet.
 */
function guardRules({ bridge, subnet }: BridgedNetwork): string[] {
  return [
    `iifname "${bridge}" ip daddr 127.0.0.0/8 drop`,
    `iifname != "${bridge}" fib saddr type != local ip daddr ${formatSubnet(subnet)} drop`,
  ];
}

/**
 * Out into the world as the host; and two cases in which the answer would go astray: the host by its loopback address,
 * a container that comes back by a published port to its own network.
 */
function masqueradeRules({ bridge, subnet }: BridgedNetwork): string[] {
  const range = formatSubnet(subnet);
  return [
    `oifname != "${bridge}" ip saddr ${range} masquerade`,
    `oifname "${bridge}" ip saddr 127.0.0.0/8 masquerade`,
    `oifname "${bridge}" ip saddr ${range} ct status dnat masquerade`,
  ];
}

/** IPv6 is passed on by the engine itself. */
function isIpv4({ port }: Redirection): boolean {
  return !port.hostIp.includes(':');
}

function redirectRule({ port, address }: Redirection): string {
  const where = port.hostIp === '0.0.0.0' ? '' : `ip daddr ${port.hostIp} `;
  return `${where}${port.protocol} dport ${port.hostPort} dnat to ${formatAddress(address)}:${port.containerPort}`;
}

function lines(rules: readonly string[]): string {
  return rules.map((rule) => `    ${rule}`).join('\n');
}
