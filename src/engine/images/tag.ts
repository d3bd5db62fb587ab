/** `docker tag`: one more name for an image. A name that another image had moves. */
import { InvalidError } from '../../lib/errors.ts';
import { familiarReference, type Reference, withDefaultTag } from '../../oci/image/reference.ts';
import { type ContainersOfImages, findImage } from './find-image.ts';
import type { ImageStore } from './image-store.ts';
import type { EmitImageEvent } from './registry-access.ts';

export interface TagDependencies {
  readonly images: ImageStore;
  readonly containers: ContainersOfImages;
  readonly emit: EmitImageEvent;
}

/** @param source what the user typed: a name or an id. */
export function tagImage(
  { images, containers, emit }: TagDependencies,
  source: string,
  target: Reference,
): void {
  const image = findImage(images, containers, source);
  if (target.digest) throw new InvalidError('refusing to create a tag with a digest reference');
  const reference = withDefaultTag(target);
  images.tag(image.id, reference);
  emit('tag', image.id, { name: familiarReference(reference) });
}
