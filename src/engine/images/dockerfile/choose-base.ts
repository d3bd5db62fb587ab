/**
 * The image that another one's Dockerfile begins with: of those with a name, the one whose layers are the most of its
 * first ones. It must not say what the other doesn't (no instruction unsets a variable), nor run triggers.
 */
import { lostSettings } from '../../../dockerfile/write/config-lines.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { familiarReference } from '../../../oci/image/reference.ts';
import type { Image } from '../image.ts';
import type { BaseRequest } from './request.ts';

/** @param images all that there are. */
export function chooseBase(images: readonly Image[], image: Image): BaseRequest | undefined {
  const [best] = images
    .filter((base) => base.id !== image.id && base.references.length > 0 && whyNot(base, image) === undefined)
    .toSorted(
      (a, b) => b.layers.length - a.layers.length || commonHistory(b, image) - commonHistory(a, image),
    );
  return best && describeBase(best, nameOf(best), image);
}

/** @param name of the base, as it was asked for. @throws InvalidError where the image does not stand on it. */
export function givenBase(base: Image, name: string, image: Image): BaseRequest {
  const reason = whyNot(base, image);
  if (reason !== undefined) throw new InvalidError(`cannot use ${name} as the base: ${reason}`);
  return { ...describeBase(base, name, image), isGiven: true };
}

function whyNot(base: Image, image: Image): string | undefined {
  const count = base.layers.length;
  if (count === 0) return 'it has no layers';
  if (image.layers[count - 1]?.chainId !== base.chainId) return "its layers are not the image's first ones";
  if (base.config.config?.OnBuild?.length) return 'it has ONBUILD triggers, which would run again';
  const [lost] = lostSettings(base.config.config ?? {}, image.config.config ?? {});
  return lost && `it sets ${lost}, which the image does not, and no instruction unsets that`;
}

function describeBase(base: Image, name: string, image: Image): BaseRequest {
  return {
    name,
    identities: [base.id, ...base.repoDigests.map(familiarReference)],
    author: base.config.author ?? '',
    config: base.config.config ?? {},
    layers: base.layers.length,
    history: historyOf(base, image),
    isGiven: false,
  };
}

/** Lines of the image's history that are the base's: all of those where they begin it, else those of its layers. */
function historyOf(base: Image, image: Image): number {
  const own = base.config.history ?? [];
  if (commonHistory(base, image) === own.length) return own.length;
  let layers = 0;
  const lines = image.config.history ?? [];
  const end = lines.findIndex(({ empty_layer }) => !empty_layer && ++layers === base.layers.length);
  return end === -1 ? lines.length : end + 1;
}

function commonHistory(base: Image, image: Image): number {
  const [own, lines] = [base.config.history ?? [], image.config.history ?? []];
  const end = own.findIndex(
    ({ created, created_by }, at) => lines[at]?.created !== created || lines[at]?.created_by !== created_by,
  );
  return end === -1 ? own.length : end;
}

function nameOf({ references: [reference], id }: Image): string {
  return reference ? familiarReference(reference) : id;
}
