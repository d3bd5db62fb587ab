/**
 * Deletions in a layer: `.wh.NAME` hides NAME of the layers below, `.wh..wh..opq` hides all that a directory has there.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
 */
import { CorruptError } from '../../lib/errors.ts';

const whiteoutPrefix = Buffer.from('.wh.');
export const opaqueMarker: Buffer = Buffer.from('.wh..wh..opq');
const metaPrefix = Buffer.from('.wh..wh.');

/** What a member's last name part means. */
export type Whiteout =
  | { readonly kind: 'none' }
  /** Hides this name. */
  | { readonly kind: 'hide'; readonly name: Buffer }
  | { readonly kind: 'opaque' }
  /** Bookkeeping of aufs, which old layers hold; says nothing to others. */
  | { readonly kind: 'aufs' };

/** @throws CorruptError for a whiteout of nothing, of `.` or of `..`. */
export function parseWhiteout(name: Buffer): Whiteout {
  if (!startsWith(name, whiteoutPrefix)) return { kind: 'none' };
  if (name.equals(opaqueMarker)) return { kind: 'opaque' };
  if (startsWith(name, metaPrefix)) return { kind: 'aufs' };
  const hidden = name.subarray(whiteoutPrefix.length);
  if (hidden.length === 0 || hidden.equals(Buffer.from('.')) || hidden.equals(Buffer.from('..'))) {
    throw new CorruptError(`invalid whiteout: ${JSON.stringify(name.toString())}`);
  }
  return { kind: 'hide', name: hidden };
}

/** `.wh.NAME` */
export function whiteoutOf(name: Buffer): Buffer {
  return Buffer.concat([whiteoutPrefix, name]);
}

function startsWith(name: Buffer, prefix: Buffer): boolean {
  return name.length >= prefix.length && name.subarray(0, prefix.length).equals(prefix);
}
