/** `--volumes-from`: the mounts of other containers, in the same places. */
import type { HostConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import type { ContainerStore } from '../container-store.ts';
import type { ContainerMount } from '../mounts/container-mount.ts';
import { isMode } from './parse-bind.ts';
import { propagations } from './parse-mount.ts';

/** @throws InvalidError in docker's words, for an unknown container as well. */
export function volumesFrom(
  containers: Pick<ContainerStore, 'find'>,
  { VolumesFrom: entries }: HostConfig,
): ContainerMount[] {
  return (entries ?? []).flatMap((text) => {
    const { name, readonly } = parseVolumesFrom(text);
    const other = containers.find(name);
    if (!other) throw new InvalidError(`No such container: ${name}`);
    return other.mounts.map((mount) => ({ ...mount, Mode: '', RW: mount.RW === true && !readonly }));
  });
}

/** `name[:mode]`. Propagation and copying stay as the other container has them. */
export function parseVolumesFrom(text: string): { readonly name: string; readonly readonly: boolean } {
  if (text === '') throw new InvalidError('volumes-from specification cannot be an empty string');
  const [name = '', ...rest] = text.split(':');
  const mode = rest.join(':');
  const options = mode.split(',');
  const isForeign = (option: string) => option === 'nocopy' || propagations.includes(option);
  if (!isMode(mode) || options.some(isForeign)) throw new InvalidError(`invalid mode: ${mode}`);
  return { name, readonly: options.includes('ro') };
}
