/**
 * `create`: a record, a writable directory over the image, volumes. Nothing runs yet.
 * Every step pushes its undo; the record comes last, so that what is listed is whole.
 */
import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { ContainerConfig, HostConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { UndoStack } from '../../../lib/undo.ts';
import { withDefaults } from '../../container-defaults.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import type { ProcessConfig } from '../../../oci/image/image-config.ts';
import { attributesOf } from '../container-event.ts';
import type { CreateRequest } from './create-request.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { validateHealthcheck } from '../health/health.ts';
import { completeHostConfig } from './host-config.ts';
import { validateConfig } from './host-modes.ts';
import { mergeImageConfig } from './merge-config.ts';
import { mountRequests } from './mount-request.ts';
import { mountsForVersion, readsOnlyAtTop, volumeDriverWarnings } from './mounts-for-version.ts';
import { realizeMounts } from '../mounts/realize.ts';
import { volumesFrom } from './volumes-from.ts';
import { resolveLinks } from '../links.ts';
import { generateName } from './names.ts';
import { createdState, type ContainerRecord } from '../state.ts';
import type { Platform } from '../../../oci/image/platform.ts';
import { parseSignal } from '../../../oci/runtime/signals.ts';
import { parseMac } from '../../networks/ipv4.ts';
import { requirePlatform } from '../../images/require-platform.ts';

export interface Created {
  readonly id: string;
  readonly warnings: readonly string[];
}

type Dependencies = Pick<
  ContainerDependencies,
  | 'containers'
  | 'images'
  | 'layers'
  | 'snapshots'
  | 'volumes'
  | 'volumeMounts'
  | 'paths'
  | 'events'
  | 'host'
  | 'containerDefaults'
>;

/** What a container stands on: an image, or a build's state between two steps. */
export interface ContainerBase {
  readonly imageId: Digest;
  /** As the user wrote it, or what is shown in its place. */
  readonly imageName: string;
  /** Unpacked already; undefined for nothing. */
  readonly chainId: Digest | undefined;
  readonly config: ProcessConfig | undefined;
}

export interface NewContainer {
  readonly request: CreateRequest;
  /** Empty: one is generated. */
  readonly name: string;
  /** Of the API, the minor one: what a request means depends on it. */
  readonly version: number;
  /** Made by a build, and of no use without it: gone with the engine that runs it. */
  readonly isOfBuild?: boolean;
}

/**
 * @param name empty: one is generated.
 * @param version of the API, the minor one: what a request means depends on it.
 * @param platform what the image has to be for; any unless told.
 * @throws NotFoundError for an unknown image, ConflictError for a name in use, InvalidError for the rest.
 */
export async function createContainer(
  deps: Dependencies,
  asked: CreateRequest,
  name: string,
  version: number,
  platform?: Platform,
): Promise<Created> {
  const imageName = asked.config.Image ?? '';
  const image = deps.images.resolve(imageName);
  if (platform) requirePlatform(image.config, platform, imageName);
  const base = {
    imageId: image.id,
    imageName,
    chainId: image.chainId,
    config: image.config.config ?? undefined,
  };
  // Checked before layers are unpacked for nothing.
  return await createOn(deps, base, { request: asked, name, version }, () =>
    deps.layers.ensureUnpacked(image),
  );
}

/**
 * As `createContainer`, on what is no image by a name.
 * @param unpack called when the request is known to be good, before anything stands on the base.
 */
export async function createOn(
  deps: Dependencies,
  base: ContainerBase,
  { request: asked, name, version, isOfBuild }: NewContainer,
  unpack?: () => Promise<void>,
): Promise<Created> {
  const request = { ...asked, hostConfig: mountsForVersion(asked.hostConfig, version) };
  const plan = {
    ...planContainer(deps, request, base, checkedName(deps, name)),
    ...(isOfBuild && { isOfBuild }),
  };
  const wanted = {
    containerId: plan.id,
    ...mountRequests(plan.config, plan.hostConfig),
    inherited: volumesFrom(deps.containers, plan.hostConfig),
    readonlyAtTop: readsOnlyAtTop(version),
  };
  await using undo = new UndoStack();
  deps.containers.reserveName(plan.name, plan.id);
  undo.push(() => deps.containers.releaseName(plan.name));
  await unpack?.();
  await deps.snapshots.prepare(plan.id, plan.chainId, { isTemporary: isOfBuild });
  undo.push(() => deps.snapshots.remove(plan.id));
  await mkdir(deps.paths.state(plan.id), { recursive: true, mode: 0o710 });
  undo.push(() => rm(deps.paths.state(plan.id), { recursive: true, force: true }));
  const mounts = await realizeMounts(deps, wanted, undo);
  const record = deps.containers.save({ ...plan, mounts });
  undo.commit();
  deps.volumes.letGo(record.id);
  await deps.snapshots.unmount(plan.id);
  deps.events.publish('container', 'create', record.id, attributesOf(record));
  return {
    id: record.id,
    warnings: [...warningsFor(record), ...volumeDriverWarnings(record.hostConfig, version)],
  };
}

function planContainer(
  deps: Dependencies,
  request: CreateRequest,
  base: ContainerBase,
  name: string,
): ContainerRecord {
  const id = newId();
  const config = mergeImageConfig(request.config, base.config);
  const hostConfig = completeHostConfig(withDefaults(request.hostConfig, deps.containerDefaults), deps.host);
  if (config.StopSignal) parseSignal(config.StopSignal);
  if (config.MacAddress) parseMac(config.MacAddress);
  validateHealthcheck(config.Healthcheck);
  validateConfig(config, hostConfig);
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return {
    id,
    name,
    created: new Date().toISOString(),
    imageId: base.imageId,
    imageName: base.imageName,
    chainId: base.chainId,
    config: withHostname(config, hostConfig, id),
    hostConfig: {
      ...hostConfig,
      NetworkMode: resolvedMode(deps, hostConfig.NetworkMode ?? 'bridge'),
      IpcMode: resolvedMode(deps, hostConfig.IpcMode ?? ''),
      PidMode: resolvedMode(deps, hostConfig.PidMode ?? ''),
      Links: resolveLinks(deps, hostConfig, name) as string[],
    },
    endpoints: request.endpoints,
    mounts: [],
    path: command[0] ?? '',
    args: command.slice(1),
    state: createdState,
    restartCount: 0,
    stoppedByUser: false,
  };
}

/** Twelve digits that are not all decimal: such a hostname would be taken for a number. */
function newId(): string {
  for (;;) {
    const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

function checkedName({ containers }: Pick<Dependencies, 'containers'>, name: string): string {
  if (name === '') return generateName((candidate) => containers.isNameFree(candidate));
  const plain = validName(name);
  containers.assertNameFree(plain);
  return plain;
}

/** Without the slash. @throws InvalidError in docker's words. */
export function validName(name: string): string {
  const plain = name.startsWith('/') ? name.slice(1) : name;
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(plain)) return plain;
  throw new InvalidError(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

/** On the host's network it is the host's own. */
function withHostname(config: ContainerConfig, { NetworkMode }: HostConfig, id: string): ContainerConfig {
  if (config.Hostname) return config;
  return { ...config, Hostname: NetworkMode === 'host' ? hostname() : id.slice(0, 12) };
}

/** `container:<name>` with the full id: names change. One that is not there is missed at the start. */
function resolvedMode({ containers }: Pick<Dependencies, 'containers'>, mode: string): string {
  return mode.startsWith('container:')
    ? `container:${containers.find(mode.slice(10))?.id ?? mode.slice(10)}`
    : mode;
}

function warningsFor({ hostConfig }: ContainerRecord): string[] {
  const discardsPorts = Object.keys(hostConfig.PortBindings ?? {}).length > 0;
  return [
    ...(hostConfig.NetworkMode === 'host' && (discardsPorts || hostConfig.PublishAllPorts)
      ? ['Published ports are discarded when using host network mode']
      : []),
    ...(hostConfig.OomKillDisable && !hostConfig.Memory
      ? [
          'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
        ]
      : []),
  ];
}
