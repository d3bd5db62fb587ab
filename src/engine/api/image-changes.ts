/** The routes that Docker's API does not have: which files an image's layers changed, and how two images differ. */
import { InvalidError } from '../../lib/errors.ts';
import { type ContainersOfImages, findImage } from '../images/find-image.ts';
import { imageChanges, layerChanges } from '../images/image-changes.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { LayerInstaller } from '../images/layer-installer.ts';
import { requirePlatform } from '../images/require-platform.ts';
import { platformOf } from './platform-query.ts';
import { booleanOf, integerOf } from './query.ts';
import type { ApiRequest, Route } from './route.ts';

interface Dependencies {
  readonly images: ImageStore;
  readonly layers: LayerInstaller;
  readonly containers: ContainersOfImages;
}

export function imageChangeRoutes(deps: Dependencies): Route[] {
  return [
    { method: 'GET', path: '/cais/images/{name}/layers', handle: (request) => layers(deps, request) },
    { method: 'GET', path: '/cais/images/{name}/changes', handle: (request) => changes(deps, request) },
  ];
}

async function layers(deps: Dependencies, { params, query, signal }: ApiRequest): Promise<Response> {
  const { images, containers } = deps;
  const image = findImage(images, containers, params['name'] ?? '');
  const limit = integerOf(query, 'limit') ?? Number.MAX_SAFE_INTEGER;
  if (limit < 0) throw new InvalidError(`invalid value for limit: "${limit}"`);
  const platform = platformOf(query);
  if (platform) requirePlatform(image.config, platform, params['name'] ?? '');
  await deps.layers.ensureUnpacked(image, signal);
  return lines(layerChanges(images, image, { isWhole: booleanOf(query, 'whole'), limit }));
}

async function changes(deps: Dependencies, { params, query, signal }: ApiRequest): Promise<Response> {
  const { images, containers } = deps;
  const from = query.get('from') ?? '';
  if (from === '') throw new InvalidError('from is required: the image to compare with');
  const before = findImage(images, containers, from);
  const after = findImage(images, containers, params['name'] ?? '');
  for (const image of [before, after]) await deps.layers.ensureUnpacked(image, signal);
  return lines(imageChanges(images, before, after));
}

function lines(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { 'Content-Type': 'application/x-ndjson' } });
}
