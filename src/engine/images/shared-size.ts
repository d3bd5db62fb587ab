/** What images have in common: of each, the bytes that it shares with another one. */
import type { Image } from './image.ts';

/** By image id. A layer counts with all that lie below it: only the same chain is stored once. */
export function sharedSizes(images: readonly Image[]): ReadonlyMap<string, number> {
  const users = new Map<string, number>();
  for (const { layers } of images)
    for (const { chainId } of layers) users.set(chainId, (users.get(chainId) ?? 0) + 1);
  return new Map(
    images.map(({ id, layers }) => [
      id,
      layers.reduce((sum, { chainId, size }) => sum + ((users.get(chainId) ?? 0) > 1 ? size : 0), 0),
    ]),
  );
}

/** The bytes that all of them take: a layer that several have counts once. */
export function layersSize(images: readonly Image[]): number {
  const sizes = new Map(images.flatMap(({ layers }) => layers.map(({ chainId, size }) => [chainId, size])));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
