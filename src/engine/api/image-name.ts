/** How the API passes names of images: a repository and, apart from it, the tag or the digest. */
import { tryParseDigest } from '../../oci/image/digest.ts';
import { formatRepository, parseReference, type Reference } from '../../oci/image/reference.ts';

/** @param tagOrDigest may be empty. @throws InvalidError */
export function withTagOf(repository: string, tagOrDigest: string): Reference {
  const reference = parseReference(repository);
  if (tagOrDigest === '') return reference;
  const digest = tryParseDigest(tagOrDigest);
  if (digest) return { domain: reference.domain, path: reference.path, digest };
  return parseReference(`${formatRepository(reference)}:${tagOrDigest}`);
}
