/** What a person types to mean an image: a name, or the beginning of an id. Pure. */
import { InvalidError } from '../../lib/errors.ts';
import { tryParseDigest } from '../../oci/image/digest.ts';
import {
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../oci/image/reference.ts';

/** The hex digits of what may be the beginning of an id, `sha256:` or not. */
export function idPrefix(text: string): string | undefined {
  return /^(?:sha256:)?([a-f0-9]{1,64})$/.exec(text)?.[1];
}

/** What could be an id is no reason to complain about its form as a name. */
export function tryReference(text: string, lenient: boolean): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (lenient && error instanceof InvalidError) return undefined;
    throw error;
  }
}

/** The name as docker's "No such image" tells it. */
export function describeName(text: string): string {
  if (tryParseDigest(text) || tryParseDigest(`sha256:${text}`)) return text;
  const reference = tryReference(text, true);
  return reference ? familiarReference(withDefaultTag(reference)) : text;
}
