/** `volume create -o`: what the local driver takes. https://docs.docker.com/reference/cli/docker/volume/create/#opt */
import { InvalidError } from '../../lib/errors.ts';

export interface VolumeSource {
  /** A file system's; `none` for a bind. */
  readonly type: string;
  readonly device: string;
  /** Comma separated, as in fstab. */
  readonly options: string;
}

const needs: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
  size: [],
};

/** @throws InvalidError in docker's words. */
export function validateDriverOptions(options: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(options).find((name) => needs[name] === undefined);
  if (unknown !== undefined) throw new InvalidError(`invalid option: ${JSON.stringify(unknown)}`);
  const { type, device, size } = options;
  if (type === 'cifs' && device && /^[^/]*\/\/[^/]*:\d+(?:\/|$)/.test(device)) {
    throw new InvalidError("port not allowed in CIFS device URL, include 'port' in 'o='");
  }
  if (size !== undefined) validateSize(size);
  for (const name of Object.keys(options)) {
    const missing = needs[name]?.find((needed) => options[needed] === undefined);
    if (missing !== undefined) throw new InvalidError(`missing required option: ${JSON.stringify(missing)}`);
  }
}

/** Quotas of directories need a file system that is made for them. */
function validateSize(size: string): void {
  const [, digits] = /^(\d+(?:\.\d+)?) ?(?:[kmgtp]i?b?|b)?$/i.exec(size) ?? [];
  if (digits === undefined) throw new InvalidError(`invalid size: '${size}'`);
  if (Number(digits) > 0) throw new InvalidError('quota size requested but no quota support');
}

/** What has to be mounted on the volume's directory; undefined for a plain directory. */
export function volumeSource(options: Readonly<Record<string, string>> | null): VolumeSource | undefined {
  const { type = '', device = '', o = '' } = options ?? {};
  return type === '' && device === '' ? undefined : { type, device, options: o };
}
