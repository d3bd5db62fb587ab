/**
 * The OCI distribution API as a table: what each method on each place needs, and who does it.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
 */
import type { ScopeAction } from '../auth/scope.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { type Place, placeOf, readRepository } from './address.ts';
import { deleteBlob, getBlob, headBlob } from './blobs.ts';
import { isFault, registryErrorResponse } from './errors.ts';
import type { Exchange, RegistryParts } from './exchange.ts';
import { ChallengeFailure, RegistryFailure } from './failure.ts';
import { admit, requireToken } from './gate.ts';
import { deleteManifest, getManifest, headManifest, putManifest } from './manifests.ts';
import { listReferrers } from './referrers.ts';
import { listCatalog, listTags } from './lists.ts';
import { noteRoute } from '../request-context.ts';
import { metered } from './pull-limit.ts';
import {
  getUpstreamBlob,
  getUpstreamManifest,
  headUpstreamBlob,
  headUpstreamManifest,
  listUpstreamReferrers,
  listUpstreamTags,
  type UpstreamExchange,
} from './upstream.ts';
import { cancelUpload, finishUpload, patchUpload, startUpload, uploadStatus } from './uploads.ts';

type RepositoryPlace = Exclude<Place, { readonly kind: 'root' | 'catalog' }>;

interface Route {
  readonly actions: readonly ScopeAction[];
  /** @param text the last part of the address: tag, digest or session; '' where there is none. */
  readonly handle: (parts: RegistryParts, exchange: Exchange, text: string) => Promise<Response>;
  /** Instead, for a repository that is to be had from upstream. */
  readonly fromUpstream?: (
    parts: RegistryParts,
    exchange: UpstreamExchange,
    text: string,
  ) => Promise<Response>;
}

const pull: readonly ScopeAction[] = ['pull'];
const push: readonly ScopeAction[] = ['pull', 'push'];
const remove: readonly ScopeAction[] = ['delete'];

/** As the metrics name them. */
const patterns: Record<Place['kind'], string> = {
  root: '/v2/',
  catalog: '/v2/_catalog',
  manifest: '/v2/{name}/manifests/{reference}',
  blob: '/v2/{name}/blobs/{digest}',
  uploads: '/v2/{name}/blobs/uploads/',
  upload: '/v2/{name}/blobs/uploads/{session}',
  tags: '/v2/{name}/tags/list',
  referrers: '/v2/{name}/referrers/{digest}',
};

const routes: Record<RepositoryPlace['kind'], Readonly<Record<string, Route>>> = {
  manifest: {
    HEAD: { actions: pull, handle: headManifest, fromUpstream: headUpstreamManifest },
    GET: { actions: pull, handle: getManifest, fromUpstream: getUpstreamManifest },
    PUT: { actions: push, handle: putManifest },
    DELETE: { actions: remove, handle: deleteManifest },
  },
  blob: {
    HEAD: { actions: pull, handle: headBlob, fromUpstream: headUpstreamBlob },
    GET: { actions: pull, handle: getBlob, fromUpstream: getUpstreamBlob },
    DELETE: { actions: remove, handle: deleteBlob },
  },
  uploads: { POST: { actions: push, handle: startUpload } },
  upload: {
    GET: { actions: push, handle: uploadStatus },
    PATCH: { actions: push, handle: patchUpload },
    PUT: { actions: push, handle: finishUpload },
    DELETE: { actions: push, handle: cancelUpload },
  },
  tags: { GET: { actions: pull, handle: listTags, fromUpstream: listUpstreamTags } },
  referrers: { GET: { actions: pull, handle: listReferrers, fromUpstream: listUpstreamReferrers } },
};

/** Answers everything below /v2/ that is not the JSON API. Never throws. @param address of the client. */
export async function handleRegistry(
  parts: RegistryParts,
  request: Request,
  url: URL,
  address: string,
): Promise<Response> {
  try {
    return signed(await dispatch(parts, request, url, address));
  } catch (error) {
    if (isFault(error)) {
      parts.events.report({ kind: 'request-failed', method: request.method, path: url.pathname, error });
    }
    return signed(registryErrorResponse(error));
  }
}

async function dispatch(
  parts: RegistryParts,
  request: Request,
  url: URL,
  address: string,
): Promise<Response> {
  const place = placeOf(url.pathname);
  if (!place) throw new RegistryFailure('NAME_UNKNOWN', 'no such address');
  noteRoute(patterns[place.kind]);
  if (place.kind === 'root') {
    await requireToken(parts, request);
    return new Response('{}', { headers: { 'Content-Type': 'application/json' } });
  }
  if (place.kind === 'catalog') return listCatalog(parts, request, url);
  const route = routes[place.kind][request.method];
  if (!route) throw new RegistryFailure('UNSUPPORTED', 'the operation is unsupported');
  const path = readRepository(meantBy(parts, request, url, place.repository));
  const from = place.kind === 'uploads' ? url.searchParams.get('from') : null;
  const source = from === null ? undefined : tryParseRepositoryPath(from);
  try {
    const admission = await admit(parts, request, path, route.actions, source);
    const exchange = { request, url, path, ...admission };
    const { upstream } = admission;
    const answer = (): Promise<Response> =>
      upstream && route.fromUpstream
        ? route.fromUpstream(parts, { ...exchange, upstream }, textOf(place))
        : route.handle(parts, exchange, textOf(place));
    if (place.kind !== 'manifest') return await answer();
    return await metered(parts.limits.anonymousPull, exchange, address, answer);
  } catch (error) {
    reportRefusal(parts, error, path.path, route.actions);
    throw error;
  }
}

/** What a mirror's client asks for is another registry's, or ours by a name of ours. */
function meantBy({ cache, originOf }: RegistryParts, request: Request, url: URL, repository: string): string {
  const namespace = url.searchParams.get('ns');
  if (namespace === null) return repository;
  return cache.upstreams.pathFor(namespace, repository, [url.host, new URL(originOf(request)).host]);
}

/** A refused token is worth a line; a client without one is only on its way to get one. */
function reportRefusal(
  { events }: RegistryParts,
  error: unknown,
  repository: string,
  actions: readonly ScopeAction[],
): void {
  if (!(error instanceof ChallengeFailure) || error.reason === undefined) return;
  const { reason } = error;
  events.report({ kind: 'access-refused', object: repository, reason, action: actions.join(',') });
}

function textOf(place: RepositoryPlace): string {
  switch (place.kind) {
    case 'manifest':
      return place.reference;
    case 'blob':
    case 'referrers':
      return place.digest;
    case 'upload':
      return place.id;
    default:
      return '';
  }
}

/** Old clients want to see this on every answer before they believe in the registry. */
function signed(response: Response): Response {
  response.headers.set('Docker-Distribution-Api-Version', 'registry/2.0');
  return response;
}
