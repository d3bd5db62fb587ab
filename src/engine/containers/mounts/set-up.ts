/**
 * A container's mounts at its start: volumes and images mounted, missing sources of binds made, and what lies inside of
 * a volume found. Given back when its process has ended.
 */
import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, InvalidError, UnavailableError } from '../../../lib/errors.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { SpecMount } from '../spec/spec-input.ts';
import type { ContainerRecord } from '../state.ts';
import type { ContainerMount } from './container-mount.ts';
import { snapshotsOf } from './image-mount.ts';
import { checkedPropagation } from './propagation.ts';
import { mountSubpath } from './subpath.ts';

type Dependencies = Pick<
  ContainerDependencies,
  'snapshots' | 'volumes' | 'volumeMounts' | 'paths' | 'events' | 'log'
>;

/** After a failure, `releaseMounts` gives back what was done. @throws InvalidError, NotFoundError, UnavailableError */
export async function setUpMounts(
  deps: Dependencies,
  { id, mounts }: Pick<ContainerRecord, 'id' | 'mounts'>,
): Promise<SpecMount[]> {
  const set: SpecMount[] = [];
  for (const [index, mount] of mounts.entries()) {
    const root = await rootOf(deps, id, mount);
    const propagation = checkedPropagation(mount, deps.paths.data);
    const subpath = mount.manner?.subpath;
    const place = join(deps.paths.subpaths(id), String(index));
    if (subpath !== undefined) mountSubpath(root, subpath, place);
    set.push(specMount(mount, subpath === undefined ? root : place, propagation));
  }
  return set;
}

/** What the mount shows, or what its subpath is looked up in. */
async function rootOf(deps: Dependencies, id: string, mount: ContainerMount): Promise<string> {
  const { Type: type, Source: source = '', Name: name = '', manner } = mount;
  if (type === 'bind' && manner?.createSource) await makeSource(source);
  if (type === 'volume') await deps.volumeMounts.acquire(deps.volumes.get(name), id);
  if (manner?.snapshot !== undefined) return await deps.snapshots.mount(manner.snapshot);
  return type === 'bind' ? existing(source) : source;
}

/** A file may be in its place, or on the way to it: the runtime tells what that comes to. */
async function makeSource(source: string): Promise<void> {
  try {
    await mkdir(source, { recursive: true });
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST' || errnoOf(cause) === 'ENOTDIR') return;
    throw new UnavailableError(
      `error while creating mount source path '${source}': mkdir ${source}: ${errnoOf(cause)}`,
      { cause },
    );
  }
}

/** It may have gone since the container was created. */
function existing(source: string): string {
  try {
    realpathSync(source);
    return source;
  } catch (cause) {
    throw new InvalidError(
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
      { cause },
    );
  }
}

function specMount(mount: ContainerMount, source: string, propagation: string): SpecMount {
  const { Type: type, Destination: destination = '', RW: writable, manner } = mount;
  return {
    type: type === 'tmpfs' ? 'tmpfs' : 'bind',
    source,
    destination,
    readonly: writable === false,
    ...(manner?.readonlyReach !== undefined && { readonlyReach: manner.readonlyReach }),
    ...(propagation !== '' && { propagation }),
    ...(manner?.nonRecursive && { nonRecursive: true }),
    ...(manner?.tmpfs && { options: manner.tmpfs }),
  };
}

/** Idempotent. */
export async function releaseMounts(
  { snapshots, volumeMounts }: Pick<Dependencies, 'snapshots' | 'volumeMounts'>,
  { id, mounts }: Pick<ContainerRecord, 'id' | 'mounts'>,
): Promise<void> {
  for (const snapshot of snapshotsOf(mounts)) await snapshots.unmount(snapshot);
  for (const name of volumesOf(mounts)) await volumeMounts.release(name, id);
}

/** Names of the volumes among these. */
export function volumesOf(mounts: readonly ContainerMount[]): string[] {
  return mounts.flatMap(({ Type: type, Name: name }) =>
    type === 'volume' && name !== undefined ? [name] : [],
  );
}

/** Docker's `mount` events of volumes, at the start. */
export function mountEvents({ events }: Pick<Dependencies, 'events'>, { id, mounts }: ContainerRecord): void {
  for (const mount of mounts) {
    if (mount.Type !== 'volume') continue;
    events.publish('volume', 'mount', mount.Name ?? '', {
      container: id,
      destination: mount.Destination ?? '',
      driver: 'local',
      propagation: mount.Propagation ?? '',
      'read/write': String(mount.RW !== false),
    });
  }
}

/** And `unmount`, at the end. */
export function unmountEvents(
  { events }: Pick<Dependencies, 'events'>,
  { id, mounts }: ContainerRecord,
): void {
  for (const name of volumesOf(mounts)) {
    events.publish('volume', 'unmount', name, { container: id, driver: 'local' });
  }
}
