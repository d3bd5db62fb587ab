/** A route that Docker's API does not have: the Dockerfile of an image, with the files that it needs. */
import { writeDockerfile } from '../images/dockerfile/write-dockerfile.ts';
import { type ContainersOfImages, findImage } from '../images/find-image.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { LayerInstaller } from '../images/layer-installer.ts';
import { requirePlatform } from '../images/require-platform.ts';
import { platformOf } from './platform-query.ts';
import { booleanOf } from './query.ts';
import type { ApiRequest, Route } from './route.ts';

interface Dependencies {
  readonly images: ImageStore;
  readonly layers: LayerInstaller;
  readonly containers: ContainersOfImages;
  readonly self: readonly string[];
}

export function imageDockerfileRoutes(deps: Dependencies): Route[] {
  return [
    { method: 'GET', path: '/cais/images/{name}/dockerfile', handle: (request) => dockerfile(deps, request) },
  ];
}

/** A tar; with `text=1` the Dockerfile alone. `base` names the image that it begins with; `exact=1` runs nothing again. */
async function dockerfile(deps: Dependencies, { params, query, signal }: ApiRequest): Promise<Response> {
  const { images, containers } = deps;
  const name = params['name'] ?? '';
  const image = findImage(images, containers, name);
  const platform = platformOf(query);
  if (platform) requirePlatform(image.config, platform, name);
  const baseName = query.get('base') ?? '';
  const base =
    baseName === '' ? undefined : { name: baseName, image: findImage(images, containers, baseName) };
  await deps.layers.ensureUnpacked(image, signal);
  const isText = booleanOf(query, 'text');
  const body = await writeDockerfile(deps, { image, name, base, isText, isExact: booleanOf(query, 'exact') });
  const type = isText ? 'text/plain; charset=utf-8' : 'application/x-tar';
  return new Response(body, { headers: { 'Content-Type': type } });
}
