/**
 * An OCI image layout as the tar that the engine loads: an index with the one wanted entry, and the blobs that it leads to.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, hexOf, tryParseDigest } from '../../oci/image/digest.ts';
import { maxManifestSize, parseManifest } from '../../oci/image/manifest.ts';
import { isIndex, mediaTypes } from '../../oci/image/media-type.ts';
import type { ContextFile } from './context-files.ts';
import { contextTar } from './context-tar.ts';

/**
 * @param text `DIRECTORY[:TAG][@DIGEST]`; the tag is `latest` where neither is given.
 * @throws InvalidError, NotFoundError
 */
export function layoutTar(text: string): () => AsyncGenerator<Uint8Array, void, undefined> {
  const { directory, tag, digest } = parsePlace(text);
  const chosen = choose(readIndex(directory, text), tag, digest);
  if (!chosen) throw new NotFoundError(`oci-layout reference ${JSON.stringify(text)} could not be resolved`);
  const { mediaType, size, digest: root } = chosen;
  const manifests = [{ mediaType, size, digest: root }];
  const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  return () =>
    contextTar(blobsOf(directory, chosen, new Set()), [
      { path: 'oci-layout', text: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
      { path: 'index.json', text: index },
    ]);
}

interface Place {
  readonly directory: string;
  readonly tag: string;
  readonly digest: Digest | undefined;
}

function parsePlace(text: string): Place {
  const [, rest = '', written] = /^(.*?)(?:@([a-z0-9]+:[0-9a-f]+))?$/.exec(text) ?? [];
  const digest = written === undefined ? undefined : tryParseDigest(written);
  const [, directory = '', tag] = /^(.*?)(?::([\w][\w.-]*))?$/.exec(rest) ?? [];
  if (directory === '')
    throw new InvalidError(`invalid OCI layout ${JSON.stringify(text)}: it names no directory`);
  return { directory, tag: tag ?? 'latest', digest };
}

function readIndex(directory: string, text: string): readonly Descriptor[] {
  try {
    const manifest = parseManifest(readFileSync(join(directory, 'index.json')), mediaTypes.ociIndex);
    return manifest.kind === 'index' ? manifest.index.manifests : [];
  } catch (cause) {
    throw new InvalidError(`invalid OCI layout ${JSON.stringify(text)}: its index.json cannot be read`, {
      cause,
    });
  }
}

/** By digest; else by tag, as a whole name or alone; else the only one without a name. */
function choose(
  entries: readonly Descriptor[],
  tag: string,
  digest: Digest | undefined,
): Descriptor | undefined {
  if (digest !== undefined) return entries.find((entry) => entry.digest === digest);
  const nameOf = ({ annotations = {} }: Descriptor): string | undefined =>
    annotations['org.opencontainers.image.ref.name'];
  const named = entries.find((entry) => nameOf(entry) === tag || nameOf(entry)?.endsWith(`:${tag}`));
  return (
    named ?? (entries.length === 1 && entries[0] && nameOf(entries[0]) === undefined ? entries[0] : undefined)
  );
}

/** Each once; of an index those that are there. @throws NotFoundError */
function* blobsOf(
  directory: string,
  { digest, mediaType, size }: Descriptor,
  seen: Set<Digest>,
  isNeeded = true,
): Generator<ContextFile, void, undefined> {
  if (seen.has(digest)) return;
  seen.add(digest);
  const path = `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
  const place = join(directory, path);
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    if (!isNeeded) return;
    throw new NotFoundError(`the OCI layout ${directory} lacks the blob ${digest}`);
  }
  yield { path, place, stat };
  const isManifest =
    isIndex(mediaType) || mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest;
  if (!isManifest || size > maxManifestSize) return;
  const manifest = parseManifest(readFileSync(place), mediaType);
  if (manifest.kind === 'index') {
    for (const entry of manifest.index.manifests) yield* blobsOf(directory, entry, seen, false);
    return;
  }
  for (const blob of [manifest.image.config, ...manifest.image.layers]) yield* blobsOf(directory, blob, seen);
}
