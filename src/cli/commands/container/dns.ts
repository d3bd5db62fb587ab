/** Values of `--dns` and `--dns-search`, checked as docker's client does. */
import ipaddr from 'ipaddr.js';
import { InvalidError } from '../../../lib/errors.ts';

/** @throws InvalidError for what is no IP address. */
export function parseDnsServer(text: string): string {
  const address = text.trim();
  if (
    !ipaddr.isValid(address) ||
    (!address.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(address)) ||
    address.includes('%')
  )
    throw new InvalidError(`IP address is not correctly formatted: ${text}`);
  return address;
}

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domain = new RegExp(`^${label}(?:\\.${label})*\\.?$`);

/** A domain, or `.` for none at all. @throws InvalidError */
export function parseSearchDomain(text: string): string {
  const name = text.trim();
  if (name === '.') return name;
  if (name.length >= 255 || !/[a-zA-Z]/.test(name) || !domain.test(name))
    throw new InvalidError(`${text} is not a valid domain`);
  return name;
}

/** One that the container will reach itself by. */
export function isLocalServer(address: string): boolean {
  return ipaddr.process(address).range() === 'loopback';
}
