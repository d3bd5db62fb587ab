/**
 * Every manifest: its bytes are those of its digest, what is noted of it is what it says, and all that it needs is in its
 * repository. Tags lead to manifests. What a push or a delete changes meanwhile is looked at again, alone, before it is called wrong.
 */
import { CorruptError, messageOf } from '../../../lib/errors.ts';
import { algorithmOf, digestOf } from '../../../oci/image/digest.ts';
import { parseManifest } from '../../../oci/image/manifest.ts';
import type { Queries } from '../../db/database.ts';
import { linkBlob } from '../../registry/link-blob.ts';
import { type ManifestNeeds, needsOf } from '../../repositories/manifest-needs.ts';
import {
  everyManifest,
  notedNeeds,
  noteNeeds,
  type PlacedManifest,
  readAgain,
} from '../../repositories/manifest-notes.ts';
import { findMissing } from '../../repositories/manifest-store.ts';
import type { CheckParts, Problem } from './problem.ts';

export async function* checkManifests(parts: CheckParts): AsyncGenerator<Problem> {
  for await (const manifest of everyManifest(parts.database.queries)) {
    const found = await look(parts, parts.database.queries, manifest);
    if (found.length === 0) continue;
    const confirmed = await parts.database.exclusively(async (queries) => {
      const again = await readAgain(queries, manifest);
      return again ? await look(parts, queries, again) : [];
    });
    for (const problem of confirmed) yield await withBytes(parts, manifest, problem);
  }
}

async function look(
  parts: CheckParts,
  queries: Queries,
  manifest: PlacedManifest,
): Promise<readonly Problem[]> {
  const { digest, path } = manifest;
  const repositories = [path];
  let needs: ManifestNeeds;
  try {
    if (digestOf(manifest.bytes, algorithmOf(digest)) !== digest) throw new CorruptError('other bytes');
    needs = needsOf(parseManifest(manifest.bytes, manifest.mediaType));
  } catch (error) {
    const message = `the manifest ${digest} of ${path} is damaged: ${messageOf(error)}`;
    return [{ kind: 'manifest-changed', message, digest, repositories }];
  }
  const problems: Problem[] = [];
  if (!isSame(await notedNeeds(queries, manifest), needs)) {
    problems.push({
      kind: 'manifest-references',
      message: `what ${path}@${digest} needs is noted wrongly`,
      digest,
      repositories,
      repair: {
        what: 'notes what the manifest says',
        run: () => parts.database.transaction((transaction) => noteNeeds(transaction, manifest, needs)),
      },
    });
  }
  for (const missing of await findMissing(queries, 'repository_blobs', manifest.repositoryId, needs.blobs)) {
    const message = `${path}@${digest} needs the blob ${missing}, which ${path} does not hold`;
    problems.push({ kind: 'blob-unheld', message, digest: missing, repositories });
  }
  for (const missing of await findMissing(queries, 'manifests', manifest.repositoryId, needs.manifests)) {
    const message = `${path}@${digest} needs the manifest ${missing}, which is not there`;
    problems.push({ kind: 'manifest-missing', message, digest: missing, repositories });
  }
  return problems;
}

/** The repository held the blob when the image was pushed: it may hold it again where there are bytes. */
async function withBytes(
  parts: CheckParts,
  { repositoryId, path }: PlacedManifest,
  problem: Problem,
): Promise<Problem> {
  if (problem.kind !== 'blob-unheld' || !problem.digest) return problem;
  const blob = await parts.contents.stat(problem.digest);
  if (!blob) return problem;
  const run = async (): Promise<void> => void (await linkBlob(parts, repositoryId, blob));
  return { ...problem, repair: { what: `gives it to ${path}`, run } };
}

function isSame(noted: ManifestNeeds, needs: ManifestNeeds): boolean {
  const text = ({ blobs, manifests, subject }: ManifestNeeds): string =>
    JSON.stringify([[...new Set(blobs)].toSorted(), [...new Set(manifests)].toSorted(), subject]);
  return text(noted) === text(needs);
}
