/**
 * `cais manifest push`: the images of other repositories come into the list's by mounting their blobs, then the list is put.
 * Nothing is downloaded.
 */
import { InvalidError, NotFoundError, UnavailableError } from '../../../lib/errors.ts';
import type { RegistryClient } from '../../../oci/distribution/client.ts';
import { domainError } from '../../../oci/distribution/errors.ts';
import { digestOf } from '../../../oci/image/digest.ts';
import { parseManifest } from '../../../oci/image/manifest.ts';
import { isNonDistributable } from '../../../oci/image/media-type.ts';
import {
  formatReference,
  formatRepository,
  parseReference,
  type Reference,
} from '../../../oci/image/reference.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool } from '../../flags.ts';
import { composeList, parseListName } from './manifest-list.ts';
import { connectRegistry } from './manifest-registry.ts';
import { ManifestStore, type StoredManifest } from './manifest-store.ts';

export const push = defineCommand({
  usage: '[OPTIONS] MANIFEST_LIST',
  flags: {
    insecure: bool('Allow push to an insecure registry'),
    purge: bool('Remove the local manifest list after push', 'p'),
  },
  count: exactly(1),
  completes: 'none',
  run: async ({ context, flags, args: [target = ''] }) => {
    const list = parseListName(target);
    const store = new ManifestStore(context.config.directory);
    const manifests = await store.list(list);
    if (manifests.length === 0) throw new NotFoundError(`${formatReference(list)} not found`);
    for (const manifest of manifests) check(manifest, list);
    const client = await connectRegistry(context, list, {
      insecure: flags.insecure,
      actions: ['pull', 'push'],
    });
    try {
      for (const manifest of manifests) {
        if (!(await bring(client, list, manifest))) continue;
        const { digest } = manifest.Descriptor;
        const pushed = formatReference({ domain: list.domain, path: list.path, digest });
        await context.out.write(`Pushed ref ${pushed} with digest: ${digest}\n`);
      }
      const { mediaType, text } = composeList(manifests.map(({ Descriptor }) => Descriptor));
      const bytes = Buffer.from(text);
      await client.putManifest(list, list.digest ?? list.tag ?? '', mediaType, bytes);
      await context.out.write(`${digestOf(bytes)}\n`);
    } catch (error) {
      throw domainError(error);
    }
    if (flags.purge) await store.remove(list);
  },
});

/** @throws InvalidError for what no registry would take. */
function check({ Ref, Descriptor: { platform } }: StoredManifest, list: Reference): void {
  if (!platform?.os || !platform.architecture)
    throw new InvalidError(`manifest ${Ref} must have an OS and Architecture to be pushed to a registry`);
  const { domain } = parseReference(Ref);
  if (domain !== list.domain)
    throw new InvalidError(
      `cannot use source images from a different registry than the target image: ${domain} != ${list.domain}`,
    );
}

/** @returns false for an image that the repository has already, being of it. */
async function bring(
  client: RegistryClient,
  list: Reference,
  { Ref, Descriptor: { mediaType, digest }, Raw = '' }: StoredManifest,
): Promise<boolean> {
  const from = parseReference(Ref);
  if (formatRepository(from) === formatRepository(list)) return false;
  const bytes = Buffer.from(Raw, 'base64');
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind === 'index') throw new InvalidError(`${Ref} is a manifest list`);
  const { config, layers } = manifest.image;
  for (const blob of [config, ...layers]) {
    if (isNonDistributable(blob.mediaType) || (await client.hasBlob(list, blob.digest))) continue;
    const session = await client.mountBlob(list, blob.digest, from);
    if (session === 'mounted') continue;
    await client.cancelUpload(list, session);
    throw new UnavailableError(`cannot mount blob ${blob.digest} of ${Ref} to ${formatRepository(list)}`);
  }
  await client.putManifest(list, digest, mediaType, bytes);
  return true;
}
