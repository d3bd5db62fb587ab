/**
 * The routes of a container's files as archives.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Container/operation/ContainerArchive
 */
import type { PathStat } from '../archives/archive-request.ts';
import {
  type ArchiveDependencies,
  exportContainer,
  readArchive,
  statArchive,
  writeArchive,
} from '../containers/archive.ts';
import { InvalidError } from '../../lib/errors.ts';
import { idOf } from './containers.ts';
import { booleanOf } from './query.ts';
import type { ApiRequest, Route } from './route.ts';

export function archiveRoutes(deps: ArchiveDependencies): Route[] {
  const path = '/containers/{id}/archive';
  return [
    { method: 'HEAD', path, handle: (request) => head(deps, request) },
    { method: 'GET', path, handle: (request) => get(deps, request) },
    { method: 'PUT', path, handle: (request) => put(deps, request) },
    { method: 'GET', path: '/containers/{id}/export', handle: (request) => exported(deps, request) },
  ];
}

async function head(deps: ArchiveDependencies, request: ApiRequest): Promise<Response> {
  const stat = await statArchive(deps, idOf(request), pathOf(request));
  return new Response(null, { headers: statHeader(stat) });
}

async function get(deps: ArchiveDependencies, request: ApiRequest): Promise<Response> {
  const { stat, stream } = await readArchive(deps, idOf(request), pathOf(request));
  return new Response(stream, { headers: { 'Content-Type': 'application/x-tar', ...statHeader(stat) } });
}

async function put(deps: ArchiveDependencies, request: ApiRequest): Promise<Response> {
  const { query, body } = request;
  const options = {
    path: pathOf(request),
    noOverwriteDirNonDir: booleanOf(query, 'noOverwriteDirNonDir'),
    copyUIDGID: booleanOf(query, 'copyUIDGID'),
  };
  await writeArchive(deps, idOf(request), options, body);
  return new Response(null, { status: 200 });
}

async function exported(deps: ArchiveDependencies, request: ApiRequest): Promise<Response> {
  const stream = await exportContainer(deps, idOf(request));
  return new Response(stream, { headers: { 'Content-Type': 'application/octet-stream' } });
}

function pathOf({ query }: ApiRequest): string {
  const path = query.get('path') ?? '';
  if (path === '') throw new InvalidError('bad parameter: path cannot be empty');
  if (path.includes('\0')) throw new InvalidError('bad parameter: path: invalid argument');
  return path;
}

function statHeader(stat: PathStat): Record<string, string> {
  return { 'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64') };
}
