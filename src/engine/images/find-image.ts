/** The image that a request means; when it names a container instead, the error says so and tells what to do. */
import { NotFoundError } from '../../lib/errors.ts';
import { shortHexOf } from '../../oci/image/digest.ts';
import { familiarReference } from '../../oci/image/reference.ts';
import type { ContainerRecord } from '../containers/state.ts';
import type { Image, ImageStore } from './image-store.ts';

/** The containers that the verbs on images have to know of: those in whose way they stand. */
export interface ContainersOfImages {
  find(nameOrId: string): Pick<ContainerRecord, 'id' | 'name'> | undefined;
  list(): readonly Pick<ContainerRecord, 'id' | 'name' | 'imageId' | 'mounts' | 'state'>[];
}

/** @throws NotFoundError "No such image: …", with the images committed from the container where it is one. */
export function findImage(images: ImageStore, containers: ContainersOfImages, text: string): Image {
  const image = images.find(text);
  if (image) return image;
  const container = findContainer(containers, text);
  if (!container) return images.resolve(text);
  const committed = images.imagesOfContainer(container.id).map(nameOf);
  const advice =
    committed.length > 0
      ? `Images committed from it: ${committed.join(', ')}.`
      : `Make an image of it first: commit ${text} <name>`;
  throw new NotFoundError(
    `No such image: ${text}. It is a container (${container.name}), not an image. ${advice}`,
  );
}

/** Ambiguous beginnings of ids mean no container in particular. */
function findContainer(
  containers: ContainersOfImages,
  text: string,
): Pick<ContainerRecord, 'id' | 'name'> | undefined {
  try {
    return containers.find(text);
  } catch {
    return undefined;
  }
}

function nameOf(image: Image): string {
  const reference = image.references[0];
  return reference ? familiarReference(reference) : shortHexOf(image.id);
}
