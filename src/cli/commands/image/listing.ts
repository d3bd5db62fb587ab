/** The rows and columns of `images`: one row for each name of an image, `<none>` where it has none. */
import type { ImageSummary } from '../../../engine-api/types.ts';
import type { Listing } from '../../format.ts';
import { formatAge, formatSize, formatTime, shortId } from '../../human.ts';

export interface ImageRow {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export interface Shown {
  readonly isWhole: boolean;
  readonly showsDigests: boolean;
}

const none = '<none>';

/** @param isUnique true where names don't matter: one row an image. */
export function toRows(
  images: readonly ImageSummary[],
  withDigests: boolean,
  isUnique = false,
): readonly ImageRow[] {
  return images.flatMap((image) => {
    const rows = rowsOf(image, withDigests);
    return isUnique ? rows.slice(0, 1) : rows;
  });
}

function rowsOf(image: ImageSummary, withDigests: boolean): readonly ImageRow[] {
  const tags = namesOf(image.RepoTags, ':').filter(({ rest }) => rest !== none);
  const digests = namesOf(image.RepoDigests, '@').filter(({ rest }) => rest !== none);
  if (tags.length === 0 && digests.length === 0)
    return [{ image, repository: none, tag: none, digest: none }];
  const tagged = tags.flatMap(({ repository, rest: tag }) => {
    const own = withDigests ? digests.filter((digest) => digest.repository === repository) : [];
    if (own.length === 0) return [{ image, repository, tag, digest: none }];
    return own.map(({ rest: digest }) => ({ image, repository, tag, digest }));
  });
  const repositories = new Set(tags.map(({ repository }) => repository));
  const untagged = digests.filter(({ repository }) => !repositories.has(repository));
  const shown = withDigests ? untagged : untagged.slice(0, tagged.length === 0 ? 1 : untagged.length);
  return [
    ...tagged,
    ...shown.map(({ repository, rest }) => ({ image, repository, tag: none, digest: rest })),
  ];
}

function namesOf(names: readonly string[] | null | undefined, separator: ':' | '@') {
  return (names ?? []).map((name) => {
    const at = name.lastIndexOf(separator);
    return { repository: name.slice(0, at), rest: name.slice(at + 1) };
  });
}

/** A count that the engine didn't make is `N/A`. */
function formatCount(count: number | undefined, show: (count: number) => string = String): string {
  return count === undefined || count === -1 ? 'N/A' : show(count);
}

export function imageListing({ isWhole, showsDigests }: Shown): Listing<ImageRow> {
  const digest = showsDigests ? '{{.Digest}}\t' : '';
  return {
    typeName: '*formatter.imageContext',
    table: `{{.Repository}}\t{{.Tag}}\t${digest}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    columns: {
      ID: { heading: 'IMAGE ID', value: ({ image: { Id = '' } }) => (isWhole ? Id : shortId(Id)) },
      Repository: { heading: 'REPOSITORY', value: ({ repository }) => repository },
      Tag: { heading: 'TAG', value: ({ tag }) => tag },
      Digest: { heading: 'DIGEST', value: ({ digest }) => digest },
      CreatedSince: { heading: 'CREATED', value: ({ image }) => formatAge(image.Created ?? 0) },
      CreatedAt: { heading: 'CREATED AT', value: ({ image }) => formatTime(image.Created ?? 0) },
      Size: { heading: 'SIZE', value: ({ image }) => formatSize(image.Size ?? 0) },
      Containers: { heading: 'CONTAINERS', value: ({ image }) => formatCount(image.Containers) },
      VirtualSize: { heading: 'SIZE', value: ({ image }) => formatSize(image.Size ?? 0, 4) },
      SharedSize: { heading: 'SHARED SIZE', value: ({ image }) => formatCount(image.SharedSize, formatSize) },
      UniqueSize: { heading: 'UNIQUE SIZE', value: ({ image }) => formatUnique(image) },
    },
  };
}

function formatUnique({ Size = 0, SharedSize }: ImageSummary): string {
  return formatCount(SharedSize, (shared) => formatSize(Size - shared, 4));
}
