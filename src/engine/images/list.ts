/** `docker images`: which images are shown. */
import { booleanFilter, type Filters } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import { familiarReference, familiarRepository, type Reference } from '../../oci/image/reference.ts';
import type { Image, ImageStore } from './image-store.ts';

export const listFilters = ['dangling', 'label', 'before', 'since', 'until', 'reference'] as const;

export interface ListOptions {
  /** Also images without a name that others were built on. */
  readonly all: boolean;
  readonly filters: Filters;
}

/** An image, and those of its names that the filters let through. */
export interface ListedImage {
  readonly image: Image;
  readonly references: readonly Reference[];
  readonly repoDigests: readonly Reference[];
}

/** Newest first. */
export function listImages(images: ImageStore, { all, filters }: ListOptions): ListedImage[] {
  const dangling = booleanFilter(filters, 'dangling');
  const bounds = timeBounds(images, filters);
  const patterns = (filters.get('reference') ?? []).map(globToRegExp);
  const labels = filters.get('label') ?? [];
  return images.list().flatMap((image) => {
    const time = createdSeconds(image);
    if (time <= bounds.after || time >= bounds.before) return [];
    if (!labels.every((label) => hasLabel(image, label))) return [];
    const isNameless = image.references.length === 0 && image.repoDigests.length === 0;
    const isDangling = image.references.length === 0;
    if (dangling !== undefined && dangling !== isDangling) return [];
    if (isNameless && !all && images.children(image.id).length > 0) return [];
    const references = image.references.filter((reference) => matches(reference, patterns));
    const repoDigests = image.repoDigests.filter((reference) => matches(reference, patterns));
    if (patterns.length > 0 && references.length + repoDigests.length === 0) return [];
    return [{ image, references, repoDigests }];
  });
}

/** Seconds since 1970, with their fraction; 0 where the image does not tell. */
export function createdSeconds(image: Image): number {
  const time = Date.parse(image.config.created ?? '');
  return Number.isNaN(time) ? 0 : time / 1000;
}

/** `name` or `name=value`. */
export function hasLabel(image: Image, label: string): boolean {
  const labels = image.config.config?.Labels ?? {};
  const equals = label.indexOf('=');
  if (equals === -1) return labels[label] !== undefined;
  return labels[label.slice(0, equals)] === label.slice(equals + 1);
}

/** A moment of `until`: seconds, RFC 3339, or a duration before now (`24h`). */
export function parseMoment(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  const duration = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (text !== '' && duration) {
    const [, hours = 0, minutes = 0, seconds = 0] = duration;
    return Date.now() / 1000 - (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
  }
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new InvalidError(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return time / 1000;
}

function timeBounds(images: ImageStore, filters: Filters): { after: number; before: number } {
  const after = (filters.get('since') ?? []).map((name) => createdSeconds(images.resolve(name)));
  const before = (filters.get('before') ?? []).map((name) => createdSeconds(images.resolve(name)));
  const until = (filters.get('until') ?? []).map(parseMoment);
  return { after: Math.max(-Infinity, ...after), before: Math.min(Infinity, ...before, ...until) };
}

function matches(reference: Reference, patterns: readonly RegExp[]): boolean {
  if (patterns.length === 0) return true;
  const names = [familiarReference(reference), familiarRepository(reference)];
  return patterns.some((pattern) => names.some((name) => pattern.test(name)));
}

/** Go's path.Match: `*` and `?` stop at a slash. Runs of stars count as one, so that matching stays cheap. */
function globToRegExp(glob: string): RegExp {
  const source = glob.replaceAll(/\*+|\?|\[[^\]]*\]|[\s\S]/g, (part) => {
    if (part.startsWith('*')) return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1) return part.replaceAll('\\', '\\\\');
    return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  try {
    return new RegExp(`^${source}$`);
  } catch (cause) {
    throw new InvalidError(`invalid reference filter ${JSON.stringify(glob)}`, { cause });
  }
}
