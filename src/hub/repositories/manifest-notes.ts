/** Manifests one by one with what is noted of each beside its bytes: for whoever checks that the two agree. */
import { type Digest, parseDigest } from '../../oci/image/digest.ts';
import type { Queries } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { ManifestNeeds } from './manifest-needs.ts';
import { insertReferences } from './manifest-store.ts';

export interface PlacedManifest {
  readonly repositoryId: number;
  /** Of the repository. */
  readonly path: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly subject: Digest | undefined;
}

/** Each has up to 4 MiB. */
const pageSize = 20;

export async function* everyManifest(queries: Queries): AsyncGenerator<PlacedManifest, void, undefined> {
  for (let last: PlacedManifest | undefined; ;) {
    const { repositoryId, digest } = last ?? { repositoryId: 0, digest: '' };
    const rows = await select(queries)
      .where((row) =>
        row.or([
          row('m.repository_id', '>', repositoryId),
          row.and([row('m.repository_id', '=', repositoryId), row('m.digest', '>', digest)]),
        ]),
      )
      .orderBy('m.repository_id')
      .orderBy('m.digest')
      .limit(pageSize)
      .execute();
    for (const row of rows) yield (last = placed(row));
    if (rows.length < pageSize) return;
  }
}

/** Undefined when it is gone. */
export async function readAgain(
  queries: Queries,
  { repositoryId, digest }: PlacedManifest,
): Promise<PlacedManifest | undefined> {
  const row = await select(queries)
    .where('m.repository_id', '=', repositoryId)
    .where('m.digest', '=', digest)
    .executeTakeFirst();
  return row && placed(row);
}

export async function notedNeeds(
  queries: Queries,
  { repositoryId, digest, subject }: PlacedManifest,
): Promise<ManifestNeeds> {
  const rows = await queries
    .selectFrom('manifest_references')
    .select(['digest', 'kind'])
    .where('repository_id', '=', repositoryId)
    .where('manifest_digest', '=', digest)
    .execute();
  const of = (kind: 'blob' | 'manifest'): readonly Digest[] =>
    rows.filter((row) => row.kind === kind).map((row) => parseDigest(row.digest));
  return { blobs: of('blob'), manifests: of('manifest'), subject };
}

/** In place of what is noted. */
export async function noteNeeds(
  transaction: Transaction,
  { repositoryId, digest }: PlacedManifest,
  needs: ManifestNeeds,
): Promise<void> {
  await transaction
    .updateTable('manifests')
    .set({ subject: needs.subject ?? null })
    .where('repository_id', '=', repositoryId)
    .where('digest', '=', digest)
    .execute();
  await transaction
    .deleteFrom('manifest_references')
    .where('repository_id', '=', repositoryId)
    .where('manifest_digest', '=', digest)
    .execute();
  await insertReferences(transaction, { repositoryId, digest, ...needs });
}

function select(queries: Queries) {
  return queries
    .selectFrom('manifests as m')
    .innerJoin('repositories as r', 'r.id', 'm.repository_id')
    .select(['m.repository_id', 'm.digest', 'm.media_type', 'm.bytes', 'm.subject', 'r.namespace', 'r.name']);
}

interface Row {
  readonly repository_id: number;
  readonly digest: string;
  readonly media_type: string;
  readonly bytes: Uint8Array;
  readonly subject: string | null;
  readonly namespace: string;
  readonly name: string;
}

function placed(row: Row): PlacedManifest {
  return {
    repositoryId: row.repository_id,
    path: `${row.namespace}/${row.name}`,
    digest: parseDigest(row.digest),
    mediaType: row.media_type,
    bytes: row.bytes,
    subject: row.subject === null ? undefined : parseDigest(row.subject),
  };
}
