/** The files of an image as a tar: exactly those of its layers, where a container's export has its mountpoints, too. */
import { exportView } from '../archives/archive-process.ts';
import { findImage } from '../images/find-image.ts';
import type { BuildDependencies } from './dependencies.ts';
import { openRoot } from './layer-roots.ts';

type Dependencies = Pick<BuildDependencies, 'images' | 'containers' | 'layers' | 'snapshots' | 'self'>;

/** @throws NotFoundError */
export async function exportImage(
  deps: Dependencies,
  name: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const image = findImage(deps.images, deps.containers, name);
  const root = await openRoot(deps, image.layers, { isBare: true }, signal);
  // Nobody waits for it: the bytes are through.
  const remove = (): void => void Promise.resolve(root[Symbol.asyncDispose]()).catch(() => undefined);
  try {
    const view = { root: root.path, mounts: [], readonlyRoot: true };
    return await exportView(deps.self, view, remove);
  } catch (error) {
    remove();
    throw error;
  }
}
