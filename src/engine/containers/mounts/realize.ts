/**
 * The mounts of a new container made real: volumes made and filled from the image, images unpacked. Precedence is
 * docker's: others' volumes, then `-v`, then `--mount`, then what the image declares and nobody has covered.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidError, messageOf, NotFoundError, UnavailableError } from '../../../lib/errors.ts';
import type { UndoStack } from '../../../lib/undo.ts';
import { createVolume } from '../../volumes/create-volume.ts';
import { removeVolume } from '../../volumes/remove-volume.ts';
import type { VolumeRecord } from '../../volumes/volume-store.ts';
import type { MountRequests } from '../create/mount-request.ts';
import { defaultPropagation, type MountRequest } from '../create/parse-mount.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { removeBundle } from '../shared-memory.ts';
import type { ContainerMount } from './container-mount.ts';
import { copyUp, imageDirectory } from './copy-up.ts';
import { realizeImageMount, repeatImageMount } from './image-mount.ts';
import { rootPropagationOf } from './own-root.ts';
import { mountSubpath } from './subpath.ts';

type Dependencies = Pick<
  ContainerDependencies,
  'containers' | 'images' | 'layers' | 'snapshots' | 'volumes' | 'volumeMounts' | 'events' | 'paths'
>;

export interface NewMounts extends MountRequests {
  readonly containerId: string;
  /** By `--volumes-from`. */
  readonly inherited: readonly ContainerMount[];
  /** Read-only binds of an older client are so at their top alone. */
  readonly readonlyAtTop: boolean;
}

/** @throws InvalidError when a bind's source is missing, NotFoundError for an image. */
export async function realizeMounts(
  deps: Dependencies,
  wanted: NewMounts,
  undo: UndoStack,
): Promise<ContainerMount[]> {
  const { containerId: id } = wanted;
  undo.push(() => deps.volumes.letGo(id));
  const mounts = new Map<string, ContainerMount>();
  for (const mount of wanted.inherited) {
    mounts.set(mount.Destination ?? '', await inherit(deps, id, mount, undo));
  }
  const fillings: Filling[] = [];
  const take = async (request: MountRequest): Promise<void> => {
    const { mount, filling } = await realize(deps, wanted, request, undo);
    mounts.set(request.target, mount);
    if (filling) fillings.push(filling);
  };
  for (const request of wanted.asked) await take(request);
  for (const request of wanted.anonymous) if (!mounts.has(request.target)) await take(request);
  for (const filling of fillings) await fill(deps, id, filling);
  return [...mounts.values()];
}

/** A volume that may be filled from the image. */
interface Filling {
  readonly volume: VolumeRecord;
  readonly isNew: boolean;
  readonly request: MountRequest;
}

interface Realized {
  readonly mount: ContainerMount;
  readonly filling?: Filling;
}

async function realize(
  deps: Dependencies,
  wanted: NewMounts,
  request: MountRequest,
  undo: UndoStack,
): Promise<Realized> {
  const { type, manner } = request;
  if (type === 'volume') return await realizeVolume(deps, wanted.containerId, request, undo);
  if (type === 'image') {
    return { mount: await realizeImageMount(deps, wanted.containerId, request, undo) };
  }
  if (type === 'bind') return { mount: bind(deps, request, wanted.readonlyAtTop) };
  return { mount: { Type: 'tmpfs', Source: '', ...shown(request), manner } };
}

function shown({ target, mode, readonly, propagation }: MountRequest) {
  return { Destination: target, Mode: mode, RW: !readonly, Propagation: propagation };
}

function bind({ paths }: Dependencies, request: MountRequest, readonlyAtTop: boolean): ContainerMount {
  const { source, manner } = request;
  if (!manner.createSource && !existsSync(source)) {
    throw new InvalidError(
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  }
  const given = manner.propagationGiven ? request.propagation : undefined;
  const propagation = rootPropagationOf(source, given, paths.data) ?? (given || defaultPropagation);
  const isAtTop = readonlyAtTop && request.readonly;
  return {
    Type: 'bind',
    Source: source,
    ...shown({ ...request, propagation }),
    manner: { ...manner, ...(isAtTop && { readonlyReach: 'top' as const }) },
  };
}

async function realizeVolume(
  deps: Dependencies,
  id: string,
  request: MountRequest,
  undo: UndoStack,
): Promise<Realized> {
  const { source, driver, labels, options, manner } = request;
  const { volume, isNew } = await createVolume(deps, { name: source, driver, labels, options }, id);
  if (isNew) {
    undo.push(async () => {
      deps.volumes.letGo(id);
      await removeVolume(deps, volume.name);
    });
  }
  const { Destination, ...rest } = shown(request);
  const mount: ContainerMount = {
    Type: 'volume',
    Name: volume.name,
    Source: volume.mountpoint,
    Destination,
    Driver: 'local',
    ...rest,
    manner,
  };
  return { mount, ...(request.copy && { filling: { volume, isNew, request } }) };
}

async function inherit(
  deps: Dependencies,
  id: string,
  mount: ContainerMount,
  undo: UndoStack,
): Promise<ContainerMount> {
  const { manner } = mount;
  if (manner?.image !== undefined) {
    return await repeatImageMount(deps, id, { ...mount, manner: { ...manner, image: manner.image } }, undo);
  }
  // Kept from going until the record is there.
  if (mount.Type === 'volume') await deps.volumes.create({ name: mount.Name }, id);
  return mount;
}

/** Only volumes whose place in the image is a directory are mounted for it. */
async function fill(deps: Dependencies, id: string, { volume, isNew, request }: Filling): Promise<void> {
  const root = await deps.snapshots.mount(id);
  const source = await imageDirectory(root, request.target, request.manner.anonymous === true);
  if (source === undefined) return;
  const user = `copy-up of ${id}`;
  try {
    await deps.volumeMounts.acquire(volume, user);
    const { subpath } = request.manner;
    if (subpath === undefined) await copyUp(source, volume.mountpoint, isNew && !volume.options);
    else await fillSubpath(deps, id, { root: volume.mountpoint, subpath, source });
  } catch (cause) {
    throw new UnavailableError(`failed to populate volume: ${messageOf(cause)}`, { cause });
  } finally {
    await deps.volumeMounts.release(volume.name, user);
  }
}

/** One that is not there yet is missed at the start. */
async function fillSubpath(
  { paths }: Pick<Dependencies, 'paths'>,
  id: string,
  { root, subpath, source }: { readonly root: string; readonly subpath: string; readonly source: string },
): Promise<void> {
  const places = paths.subpaths(id);
  try {
    mountSubpath(root, subpath, join(places, '0'));
    await copyUp(source, join(places, '0'), false);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  } finally {
    await removeBundle(paths, id);
  }
}
