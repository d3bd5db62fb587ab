/** A container's files for a reader, whether it runs or not: its root and its volumes stay mounted until released. */
import { UndoStack } from '../../../lib/undo.ts';
import type { View, ViewMount } from '../../archives/archive-request.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { ContainerRecord } from '../state.ts';
import type { ContainerMount } from './container-mount.ts';

type Dependencies = Pick<ContainerDependencies, 'snapshots' | 'volumes' | 'volumeMounts' | 'paths'>;

export interface HeldView {
  readonly view: View;
  /** To be called once. */
  readonly release: () => Promise<void>;
}

/** Binds, volumes and images are in their places; a tmpfs is its container's own. */
export async function holdView(deps: Dependencies, record: ContainerRecord): Promise<HeldView> {
  await using undo = new UndoStack();
  const { root, release } = await deps.snapshots.hold(record.id);
  const releases = [release];
  undo.push(() => releaseAll(releases));
  const own: ViewMount[] = [];
  for (const mount of record.mounts) {
    if (mount.Type === 'tmpfs') continue;
    const source = await heldSource(deps, mount, releases);
    own.push(viewMount(mount, source));
  }
  undo.commit();
  const readonlyRoot = record.hostConfig.ReadonlyRootfs === true;
  const mounts = [...networkFiles(deps, record, own), ...own].toSorted(byDepth);
  return { view: { root, readonlyRoot, mounts }, release: () => releaseAll(releases) };
}

async function releaseAll(releases: readonly (() => Promise<void>)[]): Promise<void> {
  for (const release of releases) await release();
}

async function heldSource(
  deps: Dependencies,
  { Type: type, Name: name = '', Source: source = '', manner }: ContainerMount,
  releases: (() => Promise<void>)[],
): Promise<string> {
  if (manner?.snapshot !== undefined) {
    const held = await deps.snapshots.hold(manner.snapshot);
    releases.push(held.release);
    return held.root;
  }
  const volume = type === 'volume' ? deps.volumes.find(name) : undefined;
  if (volume) {
    const user = `reader ${crypto.randomUUID()}`;
    await deps.volumeMounts.acquire(volume, user);
    releases.push(() => deps.volumeMounts.release(name, user));
  }
  return source;
}

function viewMount({ Destination: destination = '', RW, manner }: ContainerMount, source: string): ViewMount {
  return {
    source,
    destination,
    readonly: RW === false,
    recursive: manner?.nonRecursive !== true,
    ...(manner?.subpath !== undefined && { subpath: manner.subpath }),
  };
}

/** resolv.conf, hostname and hosts, where the container has none of its own. */
function networkFiles(
  { paths }: Pick<Dependencies, 'paths'>,
  { id, hostConfig }: ContainerRecord,
  own: readonly ViewMount[],
): ViewMount[] {
  const taken = new Set(own.map(({ destination }) => destination));
  return ['resolv.conf', 'hostname', 'hosts']
    .map((file) => ({
      source: `${paths.state(id)}/${file}`,
      destination: `/etc/${file}`,
      readonly: hostConfig.ReadonlyRootfs === true,
      recursive: true,
    }))
    .filter(({ destination }) => !taken.has(destination));
}

function byDepth(a: ViewMount, b: ViewMount): number {
  return a.destination.split('/').length - b.destination.split('/').length;
}
