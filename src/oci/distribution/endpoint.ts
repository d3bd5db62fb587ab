/**
 * Where a registry is reached: `docker.io` is the configured hub, loopback registries may be plain HTTP, others only
 * where they are listed as insecure.
 */
import ipaddr from 'ipaddr.js';
import { defaultDomain } from '../image/reference.ts';

export interface RegistryHosts {
  /** What docker.io, index.docker.io and registry-1.docker.io stand for. */
  readonly hub: URL;
  /** `host` or `host:port`: certificates are not checked, plain HTTP will do. */
  readonly insecureRegistries: readonly string[];
}

export interface RegistryEndpoint {
  /** As it stands in image names: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** Origins to try, best first: more than one where plain HTTP is allowed. */
  readonly origins: readonly URL[];
  /** Certificates need not be valid. */
  readonly insecure: boolean;
}

const hubNames: readonly string[] = [defaultDomain, 'index.docker.io', 'registry-1.docker.io'];

export function endpointOf(domain: string, hosts: RegistryHosts): RegistryEndpoint {
  if (hubNames.includes(domain)) return { domain: defaultDomain, origins: [hosts.hub], insecure: false };
  const secure = new URL(`https://${domain}`);
  const insecure = hosts.insecureRegistries.includes(domain) || isLoopback(secure.hostname);
  const origins = insecure ? [secure, new URL(`http://${domain}`)] : [secure];
  return { domain, origins, insecure };
}

/** True for this machine's own names and addresses. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    hostname === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/**
 * True where a registry may send who asks it on to that place. One elsewhere has no business with this machine's own services, nor
 * with what a cloud tells a machine about itself at a link-local address.
 */
export function mayLeadTo(target: URL, registry: URL): boolean {
  return !isOwn(target.hostname) || isOwn(registry.hostname);
}

function isOwn(hostname: string): boolean {
  if (isLoopback(hostname) || hostname.endsWith('.localhost')) return true;
  const address = hostname.replace(/^\[|\]$/g, '');
  return (
    ipaddr.isValid(address) &&
    ['loopback', 'linkLocal', 'unspecified'].includes(ipaddr.process(address).range())
  );
}
