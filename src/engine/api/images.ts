/**
 * The image routes of the Engine API: parse, one call, present. The verbs are in engine/images.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Image
 */
import { z } from 'zod';
import { parseFilters } from '../../engine-api/filters.ts';
import type { ContainerConfig } from '../../engine-api/types.ts';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { RegistryHosts } from '../../oci/distribution/endpoint.ts';
import { parsePlatform } from '../../oci/image/platform.ts';
import { parseReference } from '../../oci/image/reference.ts';
import type { ContainerRecord } from '../containers/state.ts';
import { type CommitDependencies, commitContainer } from '../images/commit.ts';
import { describeManifests } from '../images/describe-manifests.ts';
import { type ContainersOfImages, findImage } from '../images/find-image.ts';
import type { ImageStore } from '../images/image-store.ts';
import { inspectDistribution } from '../images/inspect-distribution.ts';
import type { ConfigFetcher } from '../images/config-fetcher.ts';
import type { LayerInstaller } from '../images/layer-installer.ts';
import { listFilters, listImages } from '../images/list.ts';
import { login } from '../images/login.ts';
import { presentHistory, presentInspect, presentSummary } from '../images/present.ts';
import { pruneFilters, pruneImages } from '../images/prune.ts';
import { pullAllTags, pullImage } from '../images/pull.ts';
import { pushImage } from '../images/push.ts';
import type { EmitImageEvent } from '../images/registry-access.ts';
import { removeImage } from '../images/remove.ts';
import { searchFilters, searchImages } from '../images/search.ts';
import { requirePlatform } from '../images/require-platform.ts';
import { tagImage } from '../images/tag.ts';
import type { EngineWatch } from '../metrics/engine-watch.ts';
import { parseBody } from './body.ts';
import { imageChangeRoutes } from './image-changes.ts';
import { imageAttestations } from '../images/image-attestations.ts';
import { imageDockerfileRoutes } from './image-dockerfile.ts';
import { importRoute } from './image-archives.ts';
import { withTagOf } from './image-name.ts';
import { platformOf, platformsOf } from './platform-query.ts';
import { progressResponse } from './progress.ts';
import { authFields, credentialsOf, registryCredentials } from './registry-auth.ts';
import { type ApiRequest, empty, json, type Route } from './route.ts';

export interface ImageRouteDependencies extends Pick<CommitDependencies, 'whileStill'> {
  readonly images: ImageStore;
  readonly layers: LayerInstaller;
  readonly configs: ConfigFetcher;
  readonly containers: ContainersOfImages & { resolve(nameOrId: string): ContainerRecord };
  readonly hosts: RegistryHosts;
  readonly emit: EmitImageEvent;
  readonly watch: EngineWatch;
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  /** Told after a commit, for the container's own event. */
  readonly onCommit: (container: ContainerRecord, attributes: Readonly<Record<string, string>>) => void;
}

export function imageRoutes(deps: ImageRouteDependencies): Route[] {
  return [
    { method: 'GET', path: '/images/json', handle: (request) => list(deps, request) },
    { method: 'GET', path: '/images/search', handle: (request) => search(deps, request) },
    { method: 'POST', path: '/images/create', handle: (request) => create(deps, request) },
    { method: 'POST', path: '/images/prune', handle: (request) => prune(deps, request) },
    { method: 'GET', path: '/images/{name}/json', handle: (request) => inspect(deps, request) },
    { method: 'GET', path: '/images/{name}/history', handle: (request) => history(deps, request) },
    { method: 'POST', path: '/images/{name}/push', handle: (request) => push(deps, request) },
    { method: 'POST', path: '/images/{name}/tag', handle: (request) => tag(deps, request) },
    { method: 'DELETE', path: '/images/{name}', handle: (request) => remove(deps, request) },
    { method: 'POST', path: '/commit', handle: (request) => commit(deps, request) },
    { method: 'POST', path: '/auth', handle: (request) => authenticate(deps, request) },
    { method: 'GET', path: '/distribution/{name}/json', handle: (request) => distribution(deps, request) },
    ...imageChangeRoutes(deps),
    ...imageDockerfileRoutes(deps),
  ];
}

/** API versions that know a parameter; below them it means nothing, as with every one that is unknown. */
const manifestsSince = { list: 47, inspect: 48 };
const platformSince = { push: 46, history: 48, inspect: 49, remove: 50 };

async function list(
  { images, containers }: ImageRouteDependencies,
  { query, version }: ApiRequest,
): Promise<Response> {
  const filters = parseFilters(query.get('filters'), listFilters);
  const listed = listImages(images, { all: flag(query, 'all'), filters });
  const withManifests = version >= manifestsSince.list && flag(query, 'manifests');
  const summaries = listed.map(async (item) => ({
    ...presentSummary(item, version),
    ...(withManifests && (await describeManifests(images, containers, item.image))),
  }));
  return json(await Promise.all(summaries));
}

async function inspect(
  { images, containers, hosts }: ImageRouteDependencies,
  { params, query, version, headers, signal }: ApiRequest,
): Promise<Response> {
  const withManifests = version >= manifestsSince.inspect && flag(query, 'manifests');
  const platform = version >= platformSince.inspect ? platformOf(query) : undefined;
  if (withManifests && platform)
    throw new InvalidError('conflicting options: manifests and platform options cannot both be set');
  const image = findImage(images, containers, name(params));
  if (platform) requirePlatform(image.config, platform, name(params));
  return json({
    ...presentInspect(image, version),
    ...(withManifests && (await describeManifests(images, containers, image))),
    // Not docker's: they may be long, and far away.
    ...(flag(query, 'attestations') &&
      (await imageAttestations(images, image, { hosts, credentials: registryCredentials(headers), signal }))),
  });
}

function history({ images, containers }: ImageRouteDependencies, request: ApiRequest): Response {
  const { params, query, version } = request;
  const platform = version >= platformSince.history ? platformOf(query) : undefined;
  const image = findImage(images, containers, name(params));
  if (platform) requirePlatform(image.config, platform, name(params));
  return json(presentHistory(images, image));
}

/** Pull or import: the client says which by what it gives. */
function create(deps: ImageRouteDependencies, request: ApiRequest): Promise<Response> {
  const { query, headers, signal } = request;
  const fromImage = query.get('fromImage') ?? '';
  if (fromImage === '') return importRoute(deps, request);
  const reference = withTagOf(fromImage, query.get('tag') ?? '');
  const platform = query.get('platform') ? parsePlatform(query.get('platform') ?? '') : undefined;
  const access = { hosts: deps.hosts, credentials: registryCredentials(headers) };
  // Docker pulls every tag where the client names none; its CLI always names one, or asks for all.
  const pull: (...given: Parameters<typeof pullImage>) => Promise<unknown> =
    reference.tag === undefined && reference.digest === undefined ? pullAllTags : pullImage;
  return progressResponse(
    (report, gone) =>
      deps.watch.image('pull', () => pull(deps, { ...access, reference, platform, signal: gone }, report)),
    signal,
  );
}

function push(
  deps: ImageRouteDependencies,
  { params, query, headers, signal, version }: ApiRequest,
): Promise<Response> {
  const reference = parseReference(name(params));
  if (reference.digest) throw new InvalidError('cannot push a digest reference');
  const tag = query.get('tag') || reference.tag;
  const platform = version >= platformSince.push ? platformOf(query) : undefined;
  const access = { hosts: deps.hosts, credentials: registryCredentials(headers) };
  return progressResponse(
    (report, gone) =>
      deps.watch.image('push', () =>
        pushImage(deps, { ...access, name: reference, tag, platform, signal: gone }, report),
      ),
    signal,
  );
}

function tag(deps: ImageRouteDependencies, { params, query }: ApiRequest): Response {
  tagImage(deps, name(params), withTagOf(query.get('repo') ?? '', query.get('tag') ?? ''));
  return empty(201);
}

async function remove(deps: ImageRouteDependencies, request: ApiRequest): Promise<Response> {
  const { params, query, version } = request;
  // An image here is of one platform: it goes where that is meant, and nothing where another is.
  for (const platform of version >= platformSince.remove ? platformsOf(query, 'platforms') : []) {
    const image = findImage(deps.images, deps.containers, name(params));
    requirePlatform(image.config, platform, name(params));
  }
  const options = { force: flag(query, 'force'), noPrune: flag(query, 'noprune') };
  return json(await deps.watch.image('delete', () => removeImage(deps, name(params), options)));
}

async function search(
  deps: ImageRouteDependencies,
  { query, headers, signal }: ApiRequest,
): Promise<Response> {
  const filters = parseFilters(query.get('filters'), searchFilters);
  const limit = Number(query.get('limit') || 25);
  const credentials = registryCredentials(headers);
  return json(
    await searchImages({
      hosts: deps.hosts,
      credentials,
      signal,
      term: query.get('term') ?? '',
      limit,
      filters,
    }),
  );
}

async function prune(deps: ImageRouteDependencies, { query }: ApiRequest): Promise<Response> {
  return json(await pruneImages(deps, parseFilters(query.get('filters'), pruneFilters)));
}

async function commit(deps: ImageRouteDependencies, request: ApiRequest): Promise<Response> {
  const { query } = request;
  const container = deps.containers.resolve(query.get('container') ?? '');
  const repo = query.get('repo') ?? '';
  const reference = repo === '' ? undefined : withTagOf(repo, query.get('tag') || 'latest');
  const comment = query.get('comment') ?? '';
  const asked = {
    container,
    reference,
    comment,
    author: query.get('author') ?? '',
    pause: query.get('pause') === null || flag(query, 'pause'),
    changes: query.getAll('changes'),
    config: (await request.json()) as Partial<ContainerConfig> | undefined,
  };
  const image = await deps.watch.container('commit', () => commitContainer(deps, asked));
  deps.onCommit(container, { comment, imageID: image.id, imageRef: repo });
  return json({ Id: image.id }, 201);
}

const authText = z.string().nullish();
const authSchema = z.looseObject({
  username: authText,
  password: authText,
  auth: authText,
  serveraddress: authText,
  identitytoken: authText,
  registrytoken: authText,
});

async function authenticate(deps: ImageRouteDependencies, request: ApiRequest): Promise<Response> {
  const fields = authFields(parseBody(authSchema, 'AuthConfig', (await request.json()) ?? {}));
  const credentials = credentialsOf(fields);
  const { hosts } = deps;
  return json(
    await login({ hosts, credentials, signal: request.signal, serverAddress: fields.serveraddress }),
  );
}

async function distribution(
  deps: ImageRouteDependencies,
  { params, headers, signal }: ApiRequest,
): Promise<Response> {
  const reference = parseReference(name(params));
  return json(
    await inspectDistribution({
      hosts: deps.hosts,
      credentials: registryCredentials(headers),
      signal,
      reference,
    }),
  );
}

function name(params: ApiRequest['params']): string {
  const text = params['name'];
  if (text === undefined || text === '') throw new NotFoundError('page not found');
  return text;
}

/** Docker's booleans in a query: anything but these is true. */
function flag(query: URLSearchParams, key: string): boolean {
  return !['', '0', 'no', 'false', 'none'].includes((query.get(key) ?? '').trim().toLowerCase());
}
