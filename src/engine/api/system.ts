/**
 * The routes about the engine itself: ping, version, info, disk use.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/System
 */
import type { Runc } from '../runtime/runc.ts';
import { presentInfo, type InfoDependencies } from '../system/info.ts';
import type { ProgramVersion } from '../runtime/program-version.ts';
import { diskUse, type DiskUseDependencies } from '../system/disk-use.ts';
import type { ContainerDependencies } from '../containers/dependencies.ts';
import { release } from 'node:os';
import { hostPlatform } from '../../oci/image/platform.ts';
import { type ApiRequest, empty, json, type Route } from './route.ts';
import { newestVersion, oldestVersion, versionText } from './version.ts';

export interface SystemRouteDependencies
  extends InfoDependencies, ContainerDependencies, DiskUseDependencies {
  readonly runc: Runc;
  readonly monitorVersion: ProgramVersion;
  /** Of what `--init` runs; undefined where none is installed. */
  readonly initVersion: ProgramVersion | undefined;
  /** The program's. */
  readonly version: string;
}

export function systemRoutes(deps: SystemRouteDependencies): Route[] {
  return [
    { method: 'HEAD', path: '/_ping', handle: (request) => ping(deps, empty(200), request) },
    { method: 'GET', path: '/_ping', handle: (request) => ping(deps, new Response('OK'), request) },
    { method: 'GET', path: '/version', handle: () => version(deps) },
    { method: 'GET', path: '/info', handle: (request) => info(deps, request) },
    { method: 'GET', path: '/system/df', handle: (request) => usage(deps, request) },
  ];
}

/** Clients before it are not told about a swarm. */
const swarmHeaderSince = 42;

/** docker's CLI asks this before what it came for, which may well be a process to start. */
function ping({ conmon }: SystemRouteDependencies, response: Response, request: ApiRequest): Response {
  conmon.prepare();
  return withPingHeaders(response, request);
}

/** Builder-Version 1: the CLI builds without BuildKit. */
function withPingHeaders(response: Response, { version }: ApiRequest): Response {
  response.headers.set('Content-Type', 'text/plain; charset=utf-8');
  response.headers.set('Builder-Version', '1');
  if (version >= swarmHeaderSince) response.headers.set('Swarm', 'inactive');
  response.headers.set('Cache-Control', 'no-cache, no-store, must-revalidate');
  response.headers.set('Pragma', 'no-cache');
  return response;
}

async function info(deps: SystemRouteDependencies, { version }: ApiRequest): Promise<Response> {
  const [runc, init] = await Promise.all([deps.runc.version(), deps.initVersion?.read() ?? '']);
  return json(presentInfo(deps, { runc, init }, version));
}

async function version(deps: SystemRouteDependencies): Promise<Response> {
  const [runc, init, conmon] = await Promise.all([
    deps.runc.version(),
    deps.initVersion?.read() ?? '',
    deps.monitorVersion.read(),
  ]);
  const common = {
    Version: deps.version,
    ApiVersion: versionText(newestVersion),
    MinAPIVersion: versionText(oldestVersion),
    GitCommit: '',
    GoVersion: '',
    Os: 'linux',
    Arch: hostPlatform().architecture,
    KernelVersion: release(),
    BuildTime: '',
  };
  const { Version, ...details } = common;
  return json({
    Platform: { Name: 'cais' },
    Components: [
      { Name: 'Engine', Version, Details: { ...details, Experimental: 'false' } },
      { Name: 'bun', Version: Bun.version, Details: { GitCommit: Bun.revision } },
      { Name: 'conmon', Version: conmon, Details: { GitCommit: '' } },
      { Name: 'runc', Version: runc, Details: { GitCommit: '' } },
      { Name: 'docker-init', Version: init, Details: { GitCommit: '' } },
    ],
    ...common,
  });
}

/** @throws InvalidError for an unknown `type`. */
async function usage(deps: SystemRouteDependencies, { query, version }: ApiRequest): Promise<Response> {
  return json(await diskUse(deps, query.getAll('type'), version));
}
