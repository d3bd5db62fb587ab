/**
 * The routes about the engine itself: ping, version, info, disk use.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/System
 */
import type { Runc } from '../runtime/runc.ts';
import { presentInfo, type InfoDependencies } from '../system/info.ts';
import { presentSummary } from '../images/present.ts';
import { listContainers } from '../containers/list.ts';
import type { ContainerDependencies } from '../containers/dependencies.ts';
import { listImages } from '../images/list.ts';
import { release } from 'node:os';
import { hostPlatform } from '../../oci/image/platform.ts';
import { empty, json, type Route } from './route.ts';
import { newestVersion, oldestVersion, versionText } from './version.ts';

export interface SystemRouteDependencies extends InfoDependencies, ContainerDependencies {
  readonly runc: Runc;
  /** The program's. */
  readonly version: string;
}

export function systemRoutes(deps: SystemRouteDependencies): Route[] {
  return [
    { method: 'HEAD', path: '/_ping', handle: () => withPingHeaders(empty(200)) },
    { method: 'GET', path: '/_ping', handle: () => withPingHeaders(new Response('OK')) },
    { method: 'GET', path: '/version', handle: () => version(deps) },
    { method: 'GET', path: '/info', handle: () => json(presentInfo(deps)) },
    { method: 'GET', path: '/system/df', handle: ({ version }) => diskUse(deps, version) },
    // Nothing is built yet, so no cache is kept; docker's `system prune` asks all the same.
    { method: 'POST', path: '/build/prune', handle: () => json({ CachesDeleted: null, SpaceReclaimed: 0 }) },
    { method: 'GET', path: '/plugins', handle: () => json([]) },
  ];
}

/** Builder-Version 1: the CLI builds without BuildKit. */
function withPingHeaders(response: Response): Response {
  response.headers.set('Content-Type', 'text/plain; charset=utf-8');
  response.headers.set('Builder-Version', '1');
  response.headers.set('Swarm', 'inactive');
  response.headers.set('Cache-Control', 'no-cache, no-store, must-revalidate');
  response.headers.set('Pragma', 'no-cache');
  return response;
}

async function version(deps: SystemRouteDependencies): Promise<Response> {
  const { architecture } = hostPlatform();
  const common = {
    Version: deps.version,
    ApiVersion: versionText(newestVersion),
    MinAPIVersion: versionText(oldestVersion),
    Os: 'linux',
    Arch: architecture,
    KernelVersion: release(),
    GitCommit: '',
    BuildTime: '',
  };
  return json({
    Platform: { Name: 'cais' },
    Components: [
      { Name: 'Engine', Version: deps.version, Details: { ...common, GoVersion: '', Experimental: 'false' } },
      { Name: 'bun', Version: Bun.version, Details: { GitCommit: Bun.revision } },
      { Name: 'runc', Version: await deps.runc.version(), Details: { GitCommit: '' } },
    ],
    ...common,
    GoVersion: '',
    Experimental: false,
  });
}

async function diskUse(deps: SystemRouteDependencies, version: number): Promise<Response> {
  const images = listImages(deps.images, { all: true, filters: new Map() });
  const containers = await listContainers(deps, {
    all: true,
    size: true,
    limit: undefined,
    filters: new Map(),
  });
  return json({
    LayersSize: images.reduce((sum, { image }) => sum + image.size, 0),
    Images: images.map((item) => presentSummary(item, version)),
    Containers: containers,
    Volumes: deps.volumes.list().map((volume) => ({
      Name: volume.name,
      Driver: 'local',
      Mountpoint: volume.mountpoint,
      Labels: volume.labels,
      Scope: 'local',
      Options: volume.options,
      CreatedAt: volume.created,
      UsageData: { Size: -1, RefCount: -1 },
    })),
    BuildCache: [],
  });
}
