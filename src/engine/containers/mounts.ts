/** Mount requests made real at create: host directories checked or made, volumes made and filled from the image. */
import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import type { HostConfig, MountPoint } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';
import { runChecked } from '../../lib/subprocess.ts';
import type { UndoStack } from '../../lib/undo.ts';
import type { VolumeStore } from '../volumes/volume-store.ts';
import type { MountRequest } from './create/mount-request.ts';
import { resolveInRoot } from './spec/root-path.ts';
import type { SpecMount } from './spec/spec-input.ts';

export interface MountSources {
  readonly volumes: VolumeStore;
  /** The container's root, mounted at the first call. */
  readonly root: () => Promise<string>;
  readonly undo: UndoStack;
}

/** @throws InvalidError when a bind's source is missing. */
export async function realizeMounts(
  requests: readonly MountRequest[],
  sources: MountSources,
): Promise<MountPoint[]> {
  const mounts: MountPoint[] = [];
  for (const request of requests) mounts.push(await realize(request, sources));
  return mounts;
}

async function realize(request: MountRequest, sources: MountSources): Promise<MountPoint> {
  const { type, target, mode, propagation } = request;
  const common = { Destination: target, Mode: mode, RW: !request.readonly, Propagation: propagation };
  if (type === 'tmpfs') return { Type: type, Source: '', ...common };
  if (type === 'bind') {
    await requireSource(request);
    return { Type: type, Source: request.source, ...common };
  }
  const isNew = request.source === '' || sources.volumes.find(request.source) === undefined;
  const volume = await sources.volumes.create({
    name: request.source,
    labels: request.labels,
    options: request.options,
  });
  if (isNew) sources.undo.push(() => sources.volumes.remove(volume.name, []));
  if (request.copy) await copyUp(await sources.root(), target, volume.mountpoint);
  return {
    Type: type,
    Name: volume.name,
    Source: volume.mountpoint,
    Driver: 'local',
    ...common,
    Mode: mode || (request.source === '' ? '' : 'z'),
  };
}

async function requireSource({ source, createSource }: MountRequest): Promise<void> {
  const exists = await stat(source).then(
    () => true,
    () => false,
  );
  if (exists) return;
  if (!createSource) {
    throw new InvalidError(
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  }
  await mkdir(source, { recursive: true });
}

/** Fills an empty volume with what the image has at its place: modes, owners and links kept. */
async function copyUp(root: string, target: string, destination: string): Promise<void> {
  const source = resolveInRoot(root, target);
  const info = await lstat(source).catch(() => undefined);
  if (!info?.isDirectory() || (await readdir(destination)).length > 0) return;
  await runChecked(['cp', '-a', `${source}/.`, destination]);
}

/** The same list as the spec wants it; what inspect does not show is looked up in the request. */
export function specMounts(mounts: readonly MountPoint[], hostConfig: HostConfig): SpecMount[] {
  return mounts.map((mount) => {
    const asked = hostConfig.Mounts?.find(({ Target }) => Target === mount.Destination);
    const options = asked?.TmpfsOptions;
    return {
      type: mount.Type === 'tmpfs' ? 'tmpfs' : 'bind',
      source: mount.Source ?? '',
      destination: mount.Destination ?? '',
      readonly: mount.RW === false,
      ...(mount.Propagation ? { propagation: mount.Propagation } : {}),
      ...(asked?.BindOptions?.NonRecursive ? { nonRecursive: true } : {}),
      ...(mount.Type === 'tmpfs'
        ? {
            options: [
              ...(options?.SizeBytes ? [`size=${options.SizeBytes}`] : []),
              ...(options?.Mode ? [`mode=${options.Mode.toString(8)}`] : []),
            ],
          }
        : {}),
    };
  });
}
