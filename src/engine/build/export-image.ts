/** The files of images as a tar: exactly those of their layers, where a container's export has its mountpoints, too. */
import { join } from 'node:path';
import { InvalidError } from '../../lib/errors.ts';
import { exportView } from '../archives/archive-process.ts';
import type { View } from '../archives/archive-request.ts';
import { attestFiles } from './attest/attest-files.ts';
import { findImage } from '../images/find-image.ts';
import type { BuildDependencies } from './dependencies.ts';
import { openRoot } from './layer-roots.ts';
import { mountMemory } from './memory.ts';

type Dependencies = Pick<
  BuildDependencies,
  'images' | 'containers' | 'layers' | 'snapshots' | 'self' | 'buildRunDirectory'
>;

export interface ExportedImage {
  readonly name: string;
  /** Its own, below the root of the archive; undefined for the only image, whose root is the archive's. */
  readonly directory: string | undefined;
}

/** What is said about the files, beside them: kinds of attestations, and what their files' names begin with. */
export interface ExportedAttestations {
  readonly types: readonly string[];
  readonly prefix: string;
}

/** @throws NotFoundError, InvalidError */
export async function exportImages(
  deps: Dependencies,
  images: readonly ExportedImage[],
  attestations: ExportedAttestations,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  if (!/^[\w.-]{0,64}$/.test(attestations.prefix))
    throw new InvalidError(`invalid attestation-prefix ${JSON.stringify(attestations.prefix)}`);
  await using stack = new AsyncDisposableStack();
  const open = async (name: string): Promise<string> => {
    const { id, layers } = findImage(deps.images, deps.containers, name);
    const { path } = stack.use(await openRoot(deps, layers, { isBare: true }, signal));
    await attestFiles(path, deps.images.attestations.of(id), attestations, signal);
    return path;
  };
  const together = (): string => mountMemory(join(deps.buildRunDirectory, crypto.randomUUID()), stack);
  const view = await viewOf(images, open, together);
  const lifetime = stack.move();
  // Nobody waits for it: the bytes are through.
  const remove = (): void => void lifetime.disposeAsync().catch(() => undefined);
  try {
    return await exportView(deps.self, view, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

async function viewOf(
  images: readonly ExportedImage[],
  open: (name: string) => Promise<string>,
  together: () => string,
): Promise<View> {
  const [only, ...others] = images;
  if (!only) throw new InvalidError('no image was named');
  if (others.length === 0 && only.directory === undefined) {
    return { root: await open(only.name), mounts: [], readonlyRoot: true };
  }
  const root = together();
  const mounts: View['mounts'][number][] = [];
  for (const { name, directory = '' } of images) {
    if (!/^[a-z0-9_.-]+$/.test(directory))
      throw new InvalidError(`invalid directory ${JSON.stringify(directory)}`);
    const source = await open(name);
    mounts.push({ source, destination: `/${directory}`, readonly: true, recursive: false });
  }
  return { root, mounts, readonlyRoot: false };
}
