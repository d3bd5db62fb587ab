/**
 * From an image to its Dockerfile: `cais dockerfile`. The base is chosen here, where the images are; the layers are read by
 * a process of its own (dockerfile-child.ts). docs/flows/dockerfile.md.
 */
import { InvalidError, UnavailableError } from '../../../lib/errors.ts';
import { formatPlatform, hostPlatform, matchesPlatform } from '../../../oci/image/platform.ts';
import { holdLayers } from '../hold-layers.ts';
import type { Image, ImageStore } from '../image-store.ts';
import { chooseBase, givenBase } from './choose-base.ts';
import { invalidExit } from './dockerfile-child.ts';
import type { DockerfileRequest } from './request.ts';

export interface WriteDockerfileRequest {
  readonly image: Image;
  /** As it was asked for. */
  readonly name: string;
  readonly base: { readonly name: string; readonly image: Image } | undefined;
  readonly isExact: boolean;
  /** The Dockerfile alone instead of a tar with all that it needs. */
  readonly isText: boolean;
}

interface Dependencies {
  readonly images: ImageStore;
  /** The argv that starts this very program. */
  readonly self: readonly string[];
}

/**
 * The stream begins when all is decided; it fails in place of its end where files could not be read.
 * @throws InvalidError where the image does not stand on the base, UnavailableError
 */
export async function writeDockerfile(
  { images, self }: Dependencies,
  request: WriteDockerfileRequest,
): Promise<ReadableStream<Uint8Array>> {
  const child = start(
    self,
    images.snapshots.layerDirectories(request.image.chainId),
    requestOf(images, request),
  );
  const release = holdLayers(images, [request.image]);
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child.exited;
    await release();
  };
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const { value, done } = await reader.read();
      if (!done) return value;
      const code = await child.exited;
      if (code === invalidExit) throw new InvalidError(await stderr);
      if (code !== 0) throw new UnavailableError(`cannot read the image: ${(await stderr) || 'killed'}`);
    } catch (error) {
      await end();
      throw error;
    }
    await end();
    return undefined;
  };
  let first = await next();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = first ?? (await next());
        first = undefined;
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

type Child = Bun.Subprocess<Uint8Array, 'pipe', 'pipe'>;

function start(self: readonly string[], layers: readonly string[], request: DockerfileRequest): Child {
  return Bun.spawn([...self, '@dockerfile', ...layers], {
    stdin: new TextEncoder().encode(JSON.stringify(request)),
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

function requestOf(
  images: ImageStore,
  { image, name, base, isExact, isText }: WriteDockerfileRequest,
): DockerfileRequest {
  const { config, author, history, os, architecture, variant } = image.config;
  const chosen = base ? givenBase(base.image, base.name, image) : chooseBase(images.list(), image);
  const platform = { os, architecture, ...(variant !== undefined && { variant }) };
  return {
    name,
    id: image.id,
    author: author ?? '',
    config: config ?? {},
    history: history ?? [],
    ...(!matchesPlatform(platform, hostPlatform()) && { platform: formatPlatform(platform) }),
    ...(chosen && { base: chosen }),
    isExact,
    isText,
  };
}
