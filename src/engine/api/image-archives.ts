/**
 * Images as archives: save, load and import.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Image/operation/ImageGetAll
 */
import { parsePlatform } from '../../oci/image/platform.ts';
import { withDefaultTag } from '../../oci/image/reference.ts';
import { type ImportDependencies, importImage } from '../images/archive/import.ts';
import { type LoadDependencies, loadImages } from '../images/archive/load.ts';
import { type SaveDependencies, saveImages } from '../images/archive/save.ts';
import { withTagOf } from './image-name.ts';
import { platformOf } from './platform-query.ts';
import { progressResponse } from './progress.ts';
import { booleanOf } from './query.ts';
import type { ApiRequest, Route } from './route.ts';

export interface ImageArchiveDependencies extends SaveDependencies, LoadDependencies {
  /** The argv that starts this very program. */
  readonly self: readonly string[];
}

export function imageArchiveRoutes(deps: ImageArchiveDependencies): Route[] {
  return [
    { method: 'GET', path: '/images/get', handle: (request) => save(deps, request) },
    { method: 'GET', path: '/images/{name}/get', handle: (request) => save(deps, request) },
    { method: 'POST', path: '/images/load', handle: (request) => load(deps, request) },
  ];
}

async function save(deps: ImageArchiveDependencies, { params, query }: ApiRequest): Promise<Response> {
  const name = params['name'];
  const names = name === undefined ? query.getAll('names') : [name];
  const stream = await saveImages(deps, { names, platform: platformOf(query) });
  return new Response(stream, { headers: { 'Content-Type': 'application/x-tar' } });
}

function load(deps: ImageArchiveDependencies, { query, body, signal }: ApiRequest): Promise<Response> {
  const request = { self: deps.self, body, quiet: booleanOf(query, 'quiet'), platform: platformOf(query) };
  // docker's has no other status: clients look for the error among the lines.
  return progressResponse(
    async (report, gone) => void (await loadImages(deps, { ...request, signal: gone }, report)),
    signal,
    true,
  );
}

/** `POST /images/create?fromSrc=…`. */
export function importRoute(
  deps: ImportDependencies & Pick<ImageArchiveDependencies, 'self'>,
  { query, body, signal }: ApiRequest,
): Promise<Response> {
  const repo = query.get('repo') ?? '';
  const platform = query.get('platform') ?? '';
  const request = {
    self: deps.self,
    body,
    source: query.get('fromSrc') ?? '',
    message: query.get('message') ?? '',
    changes: query.getAll('changes'),
    ...(repo !== '' && { reference: withDefaultTag(withTagOf(repo, query.get('tag') ?? '')) }),
    ...(platform !== '' && { platform: parsePlatform(platform) }),
  };
  return progressResponse((report, gone) => importImage(deps, { ...request, signal: gone }, report), signal);
}
