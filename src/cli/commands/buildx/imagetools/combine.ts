/** Several images as one index, as `docker buildx imagetools create` writes it. Pure. */
import { InvalidError, NotFoundError } from '../../../../lib/errors.ts';
import type { Descriptor } from '../../../../oci/image/descriptor.ts';
import type { Digest } from '../../../../oci/image/digest.ts';
import { mediaTypes } from '../../../../oci/image/media-type.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../../../../oci/image/platform.ts';
import { type Annotation, annotationsOf } from '../../../build/annotations.ts';
import { inOrder } from '../../manifest/manifest-registry.ts';

export interface Index {
  readonly mediaType: string;
  readonly text: string;
}

/** What several sources name is named once, with the last one's platform and everyone's annotations. */
export function joinEntries(entries: readonly Descriptor[]): readonly Descriptor[] {
  const joined = new Map<Digest, Descriptor>();
  for (const entry of entries) {
    const { platform = entry.platform, annotations } = joined.get(entry.digest) ?? {};
    joined.set(entry.digest, {
      ...entry,
      ...(platform && { platform: entry.platform ?? platform }),
      ...(annotations && { annotations: { ...annotations, ...entry.annotations } }),
    });
  }
  return [...joined.values()];
}

/** Images of these platforms, with what is said of them. @throws NotFoundError where there is none for one of them. */
export function ofPlatforms(
  entries: readonly Descriptor[],
  platforms: readonly Platform[],
): readonly Descriptor[] {
  const fits = ({ platform }: Descriptor, wanted: Platform): boolean =>
    platform !== undefined && matchesPlatform(platform, wanted);
  const missing = platforms.find((wanted) => !entries.some((entry) => fits(entry, wanted)));
  if (missing) throw new NotFoundError(`no image for the platform ${formatPlatform(missing)} in the sources`);
  const kept = new Set<string>(
    entries.filter((entry) => platforms.some((wanted) => fits(entry, wanted))).map(({ digest }) => digest),
  );
  return entries.filter(
    ({ digest, annotations }) =>
      kept.has(digest) || kept.has(annotations?.['vnd.docker.reference.digest'] ?? ''),
  );
}

/** Docker's kind of list where all images are docker's; that one has no annotations. */
export function composeIndex(entries: readonly Descriptor[], annotations: readonly Annotation[]): Index {
  const isDocker = entries.every(({ mediaType }) => mediaType.startsWith('application/vnd.docker.'));
  const mediaType = isDocker ? mediaTypes.dockerList : mediaTypes.ociIndex;
  const said = isDocker ? [] : annotations;
  const own = annotationsOf(said, 'index');
  const manifests = entries.map((entry) => {
    const more = annotationsOf(said, 'manifest-descriptor', entry.platform);
    return ordered({ ...entry, annotations: { ...entry.annotations, ...more } });
  });
  const index = { schemaVersion: 2, mediaType, manifests, ...(isFilled(own) && { annotations: own }) };
  return { mediaType, text: JSON.stringify(index, undefined, 2) };
}

/** @throws InvalidError for what an index has no place for. */
export function checkAnnotations(annotations: readonly Annotation[]): void {
  for (const { type } of annotations) {
    if (type === 'manifest')
      throw new InvalidError(`${JSON.stringify(type)} annotations are not supported yet`);
    if (type === 'index-descriptor')
      throw new InvalidError(`${JSON.stringify(type)} annotations are invalid while creating an image`);
  }
}

/** Go's order: what is pushed has the digest that buildx would give it. */
function ordered({
  mediaType,
  digest,
  size,
  urls,
  annotations = {},
  platform,
  ...rest
}: Descriptor): Descriptor {
  return {
    mediaType,
    digest,
    size,
    ...(urls && { urls }),
    ...(isFilled(annotations) && { annotations: sorted(annotations) }),
    ...(platform && { platform: inOrder(platform) }),
    ...(rest.artifactType && { artifactType: rest.artifactType }),
  };
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isFilled(record: object): boolean {
  return Object.keys(record).length > 0;
}
