/** FROM: an image that is here, or is pulled; another stage; or nothing. */
import { NotFoundError } from '../../../lib/errors.ts';
import { platformOf } from '../../../oci/image/image-config.ts';
import { hostPlatform, matchesPlatform, type Platform } from '../../../oci/image/platform.ts';
import { parseReference } from '../../../oci/image/reference.ts';
import type { Image } from '../../images/image.ts';
import { pullImage, type PullRequest } from '../../images/pull.ts';
import type { Report } from '../../images/progress-event.ts';
import { resolveImage } from '../../images/resolve-image.ts';
import type { StepContext } from './step-context.ts';
import { keepLayers } from './layer-step.ts';

/** Images of one build, each resolved once: all stages stand on the same one. */
export class BaseImages {
  readonly #found = new Map<string, Promise<Image>>();

  /**
   * @param platform undefined: the one here is right whatever it is for; a pull is for this machine.
   * @throws NotFoundError and the like in the words of a pull.
   */
  find(context: StepContext, name: string, platform: Platform | undefined, report: Report): Promise<Image> {
    const key = JSON.stringify([name, platform]);
    const known = this.#found.get(key);
    if (known) return known;
    const finding = findOrPull(context, name, platform, report);
    this.#found.set(key, finding);
    return finding;
  }
}

async function findOrPull(
  context: StepContext,
  name: string,
  platform: Platform | undefined,
  report: Report,
): Promise<Image> {
  const { deps, request, signal } = context;
  const here = deps.images.find(name);
  const isRight = here && (!platform || matchesPlatform(platformOf(here.config), platform));
  if (isRight && !(request.pull && isReference(name))) return kept(context, here);
  if (here && !isReference(name)) {
    throw new NotFoundError(`image ${name} was found but is for another platform`);
  }
  const reference = parseReference(name);
  const { hosts } = deps;
  const credentials = request.credentialsFor(reference.domain);
  // The name stays with the image that runs here.
  const isTagged = !platform || matchesPlatform(hostPlatform(), platform);
  const wanted = { reference, platform, hosts, credentials, signal, isTagged };
  // Where a cache may know all that is done to it, its files may never be wanted.
  const isLazy = await context.caches.haveRecords();
  return isLazy ? await resolve(context, wanted) : kept(context, await pullImage(deps, wanted, report));
}

async function resolve(context: StepContext, wanted: PullRequest): Promise<Image> {
  const { image, plan } = await resolveImage(context.deps.images, wanted);
  for (const { diffId, blob, source } of plan)
    context.layers.addBase(diffId, { blob, source, repository: source.name });
  return kept(context, image);
}

function kept(context: StepContext, image: Image): Image {
  keepLayers(context, image.layers);
  return image;
}

/** False for an id: no registry knows it. */
function isReference(name: string): boolean {
  return !/^(?:sha256:)?[0-9a-f]{12,64}$/.test(name);
}
