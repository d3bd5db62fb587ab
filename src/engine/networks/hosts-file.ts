/** A container's /etc/hosts: localhost, what `--add-host` says, and the container itself. */
import { isIP } from 'node:net';
import { InvalidError } from '../../lib/errors.ts';

const localNames = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

export interface HostsFile {
  /** `name:address`; the address may be `host-gateway`. */
  readonly extraHosts: readonly string[];
  /** How the host is reached from the container. */
  readonly gateway: string | undefined;
  /** The container's own address and names; none without a network. */
  readonly address: string | undefined;
  readonly address6?: string | undefined;
  /** Whole lines, without their ends. */
  readonly linkedHosts?: readonly string[];
  readonly hostname: string;
  readonly domainname: string;
}

/** @throws InvalidError in docker's words when an extra host makes no sense. */
export function renderHostsFile(file: HostsFile): string {
  const linked = (file.linkedHosts ?? []).map((line) => `${line}\n`).join('');
  return `${localNames}${extraLines(file)}${linked}${ownLine(file)}`;
}

/** With the host's network the host's own file is the base. */
export function renderHostNetworkHosts(hostFile: string, extraHosts: readonly string[]): string {
  return `${hostFile}${extraLines({ extraHosts, gateway: '127.0.0.1' })}`;
}

function extraLines({ extraHosts, gateway }: Pick<HostsFile, 'extraHosts' | 'gateway'>): string {
  return extraHosts.map((entry) => extraLine(entry, gateway)).join('');
}

/** The first colon or equals sign divides: an IPv6 address has colons of its own. */
function extraLine(entry: string, gateway: string | undefined): string {
  const at = entry.search(/[:=]/);
  const name = entry.slice(0, Math.max(at, 0));
  const target = entry.slice(at + 1);
  if (name === '' || /\s/.test(name)) throw new InvalidError(`bad format for add-host: "${entry}"`);
  if (target === 'host-gateway') {
    if (gateway === undefined) {
      throw new InvalidError('unable to derive the IP value for host-gateway');
    }
    return `${gateway}\t${name}\n`;
  }
  const address = target.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 0) throw new InvalidError(`invalid IP address in add-host: "${target}"`);
  return `${address}\t${name}\n`;
}

function ownLine({ address, address6, hostname, domainname }: HostsFile): string {
  if (address === undefined) return '';
  const names = domainname === '' ? hostname : `${hostname}.${domainname} ${hostname}`;
  return [address, ...(address6 === undefined ? [] : [address6])].map((one) => `${one}\t${names}\n`).join('');
}
