/** The addresses below /v2/, read without a regular expression: this runs for every request. */
import { type Digest, tryParseDigest } from '../../oci/image/digest.ts';
import { isTag } from '../../oci/image/reference.ts';
import { type RepositoryPath, tryParseRepositoryPath } from '../repositories/repository-path.ts';
import type { ManifestReference } from '../repositories/manifest-store.ts';
import { RegistryFailure } from './failure.ts';

export type Place =
  | { readonly kind: 'root' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string };

const root = '/v2/';

/** Where a path leads; undefined when nowhere. Names and references are still as they came. */
export function placeOf(pathname: string): Place | undefined {
  if (pathname === root || pathname === '/v2') return { kind: 'root' };
  if (pathname === '/v2/_catalog') return { kind: 'catalog' };
  if (!pathname.startsWith(root)) return undefined;
  const slash = pathname.lastIndexOf('/');
  const last = pathname.slice(slash + 1);
  const before = pathname.slice(root.length, slash);
  if (before.endsWith('/manifests')) {
    return { kind: 'manifest', repository: before.slice(0, -'/manifests'.length), reference: decode(last) };
  }
  if (before.endsWith('/blobs/uploads')) {
    const repository = before.slice(0, -'/blobs/uploads'.length);
    return last === '' ? { kind: 'uploads', repository } : { kind: 'upload', repository, id: last };
  }
  if (before.endsWith('/blobs')) {
    const repository = before.slice(0, -'/blobs'.length);
    return last === 'uploads'
      ? { kind: 'uploads', repository }
      : { kind: 'blob', repository, digest: decode(last) };
  }
  if (last === 'list' && before.endsWith('/tags')) {
    return { kind: 'tags', repository: before.slice(0, -'/tags'.length) };
  }
  if (before.endsWith('/referrers')) {
    return { kind: 'referrers', repository: before.slice(0, -'/referrers'.length), digest: decode(last) };
  }
  return undefined;
}

/** A digest's colon may come escaped; the rest never needs to be. */
function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** @throws RegistryFailure NAME_INVALID */
export function readRepository(text: string): RepositoryPath {
  const path = tryParseRepositoryPath(text);
  if (!path)
    throw new RegistryFailure('NAME_INVALID', 'invalid repository name', { name: text.slice(0, 256) });
  return path;
}

/** @throws RegistryFailure DIGEST_INVALID */
export function readDigest(text: string): Digest {
  const digest = tryParseDigest(text);
  if (!digest) {
    throw new RegistryFailure('DIGEST_INVALID', 'provided digest is not one', { digest: text.slice(0, 160) });
  }
  return digest;
}

/** Undefined where there is none. @throws RegistryFailure DIGEST_INVALID */
export function readDigestParameter(url: URL, name: 'mount' | 'digest'): Digest | undefined {
  const text = url.searchParams.get(name);
  return text === null ? undefined : readDigest(text);
}

/** What is no tag names no manifest. @throws RegistryFailure DIGEST_INVALID, MANIFEST_UNKNOWN */
export function readReference(text: string): ManifestReference {
  if (text.includes(':')) return { digest: readDigest(text) };
  if (isTag(text)) return { tag: text };
  throw new RegistryFailure('MANIFEST_UNKNOWN', 'manifest unknown: invalid tag', { tag: text.slice(0, 160) });
}

/** Of a manifest that is sent. @throws RegistryFailure DIGEST_INVALID, TAG_INVALID */
export function readNewReference(text: string): ManifestReference {
  if (text.includes(':') || isTag(text)) return readReference(text);
  throw new RegistryFailure('TAG_INVALID', 'invalid tag', { tag: text.slice(0, 160) });
}
