/** nfs and cifs are mounted by address: the kernel knows no names. */
import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import { UnavailableError } from '../../lib/errors.ts';
import type { VolumeSource } from './driver-options.ts';

type Resolve = (name: string) => Promise<string>;

/** The same with `addr=` and a cifs server's name looked up. @throws UnavailableError in docker's words. */
export async function resolvedSource(
  source: VolumeSource,
  resolve: Resolve = addressOf,
): Promise<VolumeSource> {
  if (source.type !== 'nfs' && source.type !== 'cifs') return source;
  const name = /(?:^|,)addr=([^,]*)/.exec(source.options)?.[1];
  if (name) {
    if (isIPv4(name)) return source;
    const address = await resolve(name);
    return { ...source, options: source.options.replace(`addr=${name}`, `addr=${address}`) };
  }
  const server = source.type === 'cifs' ? /^\/\/([^/]+)/.exec(source.device)?.[1] : undefined;
  if (server === undefined || isIP(server) !== 0) return source;
  return { ...source, device: source.device.replace(server, await resolve(server)) };
}

async function addressOf(name: string): Promise<string> {
  try {
    const addresses = await lookup(name, { all: true });
    const address = addresses.find(({ family }) => family === 4) ?? addresses[0];
    if (address) return address.address;
  } catch {
    // The message below says all of it.
  }
  throw new UnavailableError(
    `error resolving passed in network volume address: lookup ${name}: no such host`,
  );
}
