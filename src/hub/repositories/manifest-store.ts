/** Manifests byte for byte, with what is derived from them for lists and lookups. */
import { sql } from 'kysely';
import { algorithmOf, type Digest, hexOf } from '../../oci/image/digest.ts';
import type { HubDatabase, KeptStatement, Queries, Statement } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { releaseBlobs } from './blob-store.ts';
import { keepManifest } from './deleted-tag-store.ts';
import { requireUnneeded } from './immutable-tags.ts';

export interface StoredManifest {
  readonly digest: Digest;
  readonly media_type: string;
  readonly bytes: Uint8Array;
}

export interface ManifestHead {
  readonly digest: Digest;
  readonly media_type: string;
  readonly size: number;
}

/** A tag or a digest: what follows /manifests/. */
export type ManifestReference =
  | { readonly tag: string; readonly digest?: undefined }
  | { readonly digest: Digest; readonly tag?: undefined };

export interface ReferrerListing {
  readonly subject: Digest;
  /** '' for all. */
  readonly artifactType: string;
  /** Only those after this digest. */
  readonly last: string;
  /** Of all their annotations together; one comes in any case. */
  readonly maxBytes: number;
}

export interface Referrer extends ManifestHead {
  readonly artifact_type: string | null;
  /** JSON. */
  readonly annotations: string | null;
}

/** One platform's image below a tag. */
export interface ManifestSummary extends ManifestHead {
  readonly os: string | null;
  readonly architecture: string | null;
  readonly variant: string | null;
  readonly os_version: string | null;
  readonly image_size: number;
  readonly pushed_at: number;
  readonly last_pulled_at: number | null;
}

export interface NewManifest {
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly subject: Digest | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly platform: ManifestPlatform | undefined;
  readonly imageSize: number;
  readonly pushedBy: number | undefined;
  readonly pushedAt: number;
  readonly blobs: readonly Digest[];
  readonly manifests: readonly Digest[];
}

export interface ManifestPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly osVersion?: string | undefined;
}

// No join: SQLite would plan one anew for every set of values, which takes longer than all of the rest.
const byTag = `FROM manifests m WHERE m.repository_id = ?
  AND m.digest = (SELECT t.digest FROM tags t WHERE t.repository_id = ? AND t.name = ?)`;
const byDigest = 'FROM manifests m WHERE m.repository_id = ? AND m.digest = ?';
const whole = 'SELECT m.digest, m.media_type, m.bytes';
const head = 'SELECT m.digest, m.media_type, length(m.bytes) AS size';
const referrers = `WITH found AS (
    SELECT digest FROM manifests WHERE repository_id = ? AND subject = ?
    UNION
    SELECT r.digest FROM tags t JOIN manifest_references r ON r.repository_id = t.repository_id AND r.manifest_digest = t.digest
    WHERE t.repository_id = ? AND t.name = ? AND r.kind = 'manifest')
  SELECT m.digest, coalesce(octet_length(m.annotations), 0) AS annotations_size
  FROM found JOIN manifests m ON m.digest = found.digest
  WHERE m.repository_id = ? AND m.digest > ? AND (? = '' OR m.artifact_type = ?)
  ORDER BY m.digest LIMIT ?`;
const maxReferrers = 1000;
/** Databases bound the number of values in one statement. */
const chunkSize = 500;

export class ManifestStore {
  readonly #database: HubDatabase;
  readonly #get: {
    readonly tag: KeptStatement<StoredManifest>;
    readonly digest: KeptStatement<StoredManifest>;
  };
  readonly #head: { readonly tag: KeptStatement<ManifestHead>; readonly digest: KeptStatement<ManifestHead> };
  readonly #referrers: Statement<{ digest: Digest; annotations_size: number }>;
  readonly #referrer: Statement<Referrer>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#get = {
      tag: database.prepareKept(`${whole} ${byTag}`, sizeOf),
      digest: database.prepareKept(`${whole} ${byDigest}`, sizeOf),
    };
    this.#head = {
      tag: database.prepareKept(`${head} ${byTag}`),
      digest: database.prepareKept(`${head} ${byDigest}`),
    };
    this.#referrers = database.prepare(referrers);
    this.#referrer = database.prepare(`${head}, m.artifact_type, m.annotations ${byDigest}`);
  }

  get(repositoryId: number, reference: ManifestReference): Promise<StoredManifest | undefined> {
    return reference.tag === undefined
      ? this.#get.digest.get(repositoryId, reference.digest)
      : this.#get.tag.get(repositoryId, repositoryId, reference.tag);
  }

  head(repositoryId: number, reference: ManifestReference): Promise<ManifestHead | undefined> {
    return reference.tag === undefined
      ? this.#head.digest.get(repositoryId, reference.digest)
      : this.#head.tag.get(repositoryId, repositoryId, reference.tag);
  }

  /**
   * Manifests that point at the subject, in the order of their digests. Those that an older client listed in an index under
   * the subject's tag are among them.
   */
  async referrers(
    repositoryId: number,
    { subject, artifactType, last, maxBytes }: ReferrerListing,
  ): Promise<{ readonly referrers: readonly Referrer[]; readonly hasMore: boolean }> {
    const listed = [repositoryId, subject, repositoryId, fallbackTagOf(subject)];
    const filter = [repositoryId, last, artifactType, artifactType, maxReferrers + 1];
    const rows = await this.#referrers.all(...listed, ...filter);
    const found: Referrer[] = [];
    let bytes = 0;
    for (const { digest, annotations_size } of rows.slice(0, maxReferrers)) {
      bytes += annotations_size;
      if (bytes > maxBytes && found.length > 0) break;
      const referrer = await this.#referrer.get(repositoryId, digest);
      if (referrer) found.push(referrer);
    }
    return { referrers: found, hasMore: found.length < rows.length };
  }

  /** What is known of these manifests, in no order; those that are absent are left out. */
  async summaries(repositoryId: number, digests: readonly Digest[]): Promise<readonly ManifestSummary[]> {
    const found: ManifestSummary[] = [];
    for (const some of chunks(digests)) {
      const rows = await this.#database.queries
        .selectFrom('manifests as m')
        .leftJoin('manifest_pulls as p', (join) =>
          join.onRef('p.repository_id', '=', 'm.repository_id').onRef('p.digest', '=', 'm.digest'),
        )
        .select([
          'm.digest',
          'm.media_type',
          'm.os',
          'm.architecture',
          'm.variant',
          'm.os_version',
          'm.image_size',
          'm.pushed_at',
          'p.last_pulled_at',
        ])
        .select((select) => select.fn<number>('length', ['m.bytes']).as('size'))
        .where('m.repository_id', '=', repositoryId)
        .where('m.digest', 'in', some)
        .execute();
      found.push(...(rows as unknown as ManifestSummary[]));
    }
    return found;
  }

  /** The manifests that each of these indexes lists directly. */
  async children(
    repositoryId: number,
    digests: readonly Digest[],
  ): Promise<readonly { readonly manifest_digest: Digest; readonly digest: Digest }[]> {
    const found: { manifest_digest: Digest; digest: Digest }[] = [];
    for (const some of chunks(digests)) {
      const rows = await this.#database.queries
        .selectFrom('manifest_references')
        .select(['manifest_digest', 'digest'])
        .where('repository_id', '=', repositoryId)
        .where('kind', '=', 'manifest')
        .where('manifest_digest', 'in', some)
        .execute();
      found.push(...(rows as unknown as { manifest_digest: Digest; digest: Digest }[]));
    }
    return found;
  }

  /** The kinds of manifest that each of these repositories holds. Steps from one to the next, over however many of each. */
  async mediaTypes(repositoryIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>> {
    const types = new Map<number, string[]>();
    if (repositoryIds.length === 0) return types;
    const rows = await this.#database.read(sql<{ repository_id: number; media_type: string }>`
      WITH RECURSIVE kinds (repository_id, media_type) AS (
        SELECT r.id, (SELECT min(m.media_type) FROM manifests m WHERE m.repository_id = r.id)
          FROM repositories r WHERE r.id IN (${sql.join(repositoryIds)})
        UNION ALL
        SELECT k.repository_id, (SELECT min(m.media_type) FROM manifests m
            WHERE m.repository_id = k.repository_id AND m.media_type > k.media_type)
          FROM kinds k WHERE k.media_type IS NOT NULL)
      SELECT repository_id, media_type FROM kinds WHERE media_type IS NOT NULL ORDER BY media_type`);
    for (const row of rows)
      types.set(row.repository_id, [...(types.get(row.repository_id) ?? []), row.media_type]);
    return types;
  }

  /**
   * Removes the manifest and the tags that name it. False when it was not there.
   * @throws DeniedError when an immutable tag needs it.
   */
  delete(repositoryId: number, digest: Digest, deletedBy: number): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      await requireUnneeded(transaction, repositoryId, digest);
      await keepManifest(transaction, repositoryId, digest, deletedBy);
      await releaseBlobs(transaction, repositoryId, digest);
      const removed = await transaction
        .deleteFrom('manifests')
        .where('repository_id', '=', repositoryId)
        .where('digest', '=', digest)
        .executeTakeFirst();
      return removed.numDeletedRows > 0n;
    });
  }
}

/** Of these blobs (or manifests), those that the repository lacks. Asked inside the transaction that relies on the answer. */
export async function findMissing(
  queries: Queries,
  table: 'repository_blobs' | 'manifests',
  repositoryId: number,
  digests: readonly Digest[],
): Promise<readonly Digest[]> {
  const present = new Set<string>();
  for (const some of chunks(digests)) {
    const rows = await queries
      .selectFrom(table)
      .select('digest')
      .where('repository_id', '=', repositoryId)
      .where('digest', 'in', some)
      .execute();
    for (const { digest } of rows) present.add(digest);
  }
  return digests.filter((digest) => !present.has(digest));
}

/** Adds a manifest with its references. One that is there already keeps its bytes and its media type. */
export async function insertManifest(transaction: Transaction, manifest: NewManifest): Promise<void> {
  const { repositoryId, digest, platform } = manifest;
  await transaction
    .insertInto('manifests')
    .values({
      repository_id: repositoryId,
      digest,
      media_type: manifest.mediaType,
      bytes: manifest.bytes,
      subject: manifest.subject ?? null,
      artifact_type: manifest.artifactType ?? null,
      annotations: manifest.annotations ? JSON.stringify(manifest.annotations) : null,
      os: platform?.os ?? null,
      architecture: platform?.architecture ?? null,
      variant: platform?.variant ?? null,
      os_version: platform?.osVersion ?? null,
      image_size: manifest.imageSize,
      pushed_by: manifest.pushedBy ?? null,
      pushed_at: manifest.pushedAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['repository_id', 'digest'])
        .doUpdateSet({ pushed_by: manifest.pushedBy ?? null, pushed_at: manifest.pushedAt }),
    )
    .execute();
  await insertReferences(transaction, manifest);
}

/** Notes what a manifest needs to be whole. Idempotent. */
export async function insertReferences(
  transaction: Transaction,
  {
    repositoryId,
    digest,
    blobs,
    manifests,
  }: Pick<NewManifest, 'repositoryId' | 'digest' | 'blobs' | 'manifests'>,
): Promise<void> {
  const references = [
    ...new Set(blobs).values().map((blob) => ({ digest: blob, kind: 'blob' as const })),
    ...new Set(manifests).values().map((child) => ({ digest: child, kind: 'manifest' as const })),
  ].map((reference) => ({ repository_id: repositoryId, manifest_digest: digest, ...reference }));
  for (const some of chunks(references)) {
    await transaction
      .insertInto('manifest_references')
      .values([...some])
      .onConflict((conflict) => conflict.columns(['repository_id', 'manifest_digest', 'digest']).doNothing())
      .execute();
  }
}

function sizeOf({ bytes }: StoredManifest): number {
  return bytes.byteLength;
}

/** Where clients list referrers on registries without an API for them. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
function fallbackTagOf(subject: Digest): string {
  return `${algorithmOf(subject)}-${hexOf(subject).slice(0, 64)}`;
}

function* chunks<T>(values: readonly T[]): Generator<readonly T[], void, undefined> {
  for (let at = 0; at < values.length; at += chunkSize) yield values.slice(at, at + chunkSize);
}
