/** What was said about an image, from its registry: referrers, and what its index lists beside it, as BuildKit has it. */
import { CorruptError } from '../../lib/errors.ts';
import type { RegistryClient } from '../distribution/client.ts';
import type { Descriptor } from '../image/descriptor.ts';
import { type Digest, tryParseDigest } from '../image/digest.ts';
import { parseManifest } from '../image/manifest.ts';
import type { RepositoryName } from '../image/reference.ts';
import { attestationArtifactType, statementLayers } from './attestation-manifest.ts';
import { listReferrers } from './referrers.ts';
import { maxStatementSize, parseStatement, type Predicate } from './statement.ts';

/** Anybody who may push can attach more. */
const mostManifests = 16;
const mostStatements = 32;

/**
 * The newest of each registry's list come last, so they are looked at first.
 * @param subject an image's manifest. @param listed what the index that names it has, if it came by one.
 * @throws RegistryError, CorruptError for what is no attestation.
 */
export async function fetchAttestations(
  client: RegistryClient,
  name: RepositoryName,
  subject: Digest,
  listed: readonly Descriptor[] = [],
): Promise<readonly Predicate[]> {
  const beside = listed.filter(
    ({ annotations }) =>
      annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' &&
      tryParseDigest(annotations['vnd.docker.reference.digest'] ?? '') === subject,
  );
  const referring = await listReferrers(client, name, subject, attestationArtifactType);
  const digests = new Set([...beside, ...referring.toReversed()].map(({ digest }) => digest));
  const found: Predicate[] = [];
  for (const digest of [...digests].slice(0, mostManifests)) {
    for (const { descriptor } of await statementsOf(client, name, digest)) {
      if (found.length >= mostStatements) return found;
      const bytes = await client.getSmallBlob(name, descriptor, maxStatementSize);
      const { predicateType, predicate } = parseStatement(bytes);
      found.push({ type: predicateType, text: JSON.stringify(predicate) });
    }
  }
  return found;
}

async function statementsOf(
  client: RegistryClient,
  name: RepositoryName,
  digest: Digest,
): Promise<ReturnType<typeof statementLayers>> {
  const { bytes, mediaType } = await client.getManifest(name, digest);
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind !== 'image') throw new CorruptError(`attestation ${digest} is an index`);
  return statementLayers(manifest.image);
}
