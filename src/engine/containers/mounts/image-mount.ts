/** `--mount type=image`: an image's files, read-only, from a snapshot of the mount's own. */
import type { UndoStack } from '../../../lib/undo.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import type { MountRequest } from '../create/parse-mount.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { ContainerMount, MountManner } from './container-mount.ts';

type Dependencies = Pick<ContainerDependencies, 'images' | 'layers' | 'snapshots'>;

/** @throws NotFoundError in docker's words when there is no such image. */
export async function realizeImageMount(
  deps: Dependencies,
  containerId: string,
  { source, target, manner }: Pick<MountRequest, 'source' | 'target' | 'manner'>,
  undo: UndoStack,
): Promise<ContainerMount> {
  const image = deps.images.resolve(source);
  await deps.layers.ensureUnpacked(image);
  const snapshot = await prepareSnapshot(deps, { containerId, image: image.id, target }, image.chainId, undo);
  return {
    Type: 'image',
    Name: source,
    // Where it is mounted while the container runs.
    Source: deps.snapshots.mountPoint(snapshot),
    Destination: target,
    Mode: '',
    RW: false,
    Propagation: 'rprivate',
    manner: { ...manner, snapshot, image: image.id },
  };
}

/** The same mount in another container (`--volumes-from`): from a snapshot of its own, since the first may go. */
export async function repeatImageMount(
  deps: Dependencies,
  containerId: string,
  mount: ContainerMount & { readonly manner: MountManner & { readonly image: Digest } },
  undo: UndoStack,
): Promise<ContainerMount> {
  const { Destination: target = '', manner } = mount;
  const repeated = await realizeImageMount(deps, containerId, { source: manner.image, target, manner }, undo);
  return { ...repeated, Name: mount.Name };
}

async function prepareSnapshot(
  { snapshots }: Dependencies,
  place: { readonly containerId: string; readonly image: Digest; readonly target: string },
  chainId: Digest | undefined,
  undo: UndoStack,
): Promise<string> {
  const id = new Bun.CryptoHasher('sha256').update(JSON.stringify(place)).digest('hex');
  await snapshots.prepare(id, chainId);
  undo.push(() => snapshots.remove(id));
  return id;
}

/** Of all image mounts among these. */
export function snapshotsOf(mounts: readonly ContainerMount[]): string[] {
  return mounts.flatMap(({ manner }) => (manner?.snapshot === undefined ? [] : [manner.snapshot]));
}
