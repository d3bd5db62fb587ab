/** Tags that were deleted, with the manifests that went with them: until the grace period of garbage is over they can come back. */
import { sql } from 'kysely';
import { NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';

export interface DeletedTag {
  readonly id: number;
  readonly name: string;
  readonly digest: Digest;
  readonly deleted_by_name: string | null;
  readonly deleted_at: number;
}

interface DeletedListing {
  /** Of those deleted earlier garbage may have been made already. */
  readonly since: Date;
  readonly limit: number;
  readonly offset: number;
}

/** What a tag that was deleted named. */
export interface KeptManifest {
  readonly media_type: string;
  readonly bytes: Uint8Array;
}

export class DeletedTagStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** The newest first. */
  async list(
    repositoryId: number,
    { since, limit, offset }: DeletedListing,
  ): Promise<{ count: number; tags: readonly DeletedTag[] }> {
    const deleted = this.#deleted(repositoryId, since);
    const { count } = await deleted
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const tags = await deleted
      .leftJoin('accounts as a', 'a.id', 'd.deleted_by')
      .select(['d.id', 'd.name', 'd.digest', 'a.name as deleted_by_name', 'd.deleted_at'])
      .orderBy('d.deleted_at', 'desc')
      .orderBy('d.id', 'desc')
      .limit(limit)
      .offset(offset)
      .execute();
    return { count, tags: tags as DeletedTag[] };
  }

  /** @throws NotFoundError when there is none, or its time is over. */
  async get(repositoryId: number, id: number, since: Date): Promise<{ name: string; digest: Digest }> {
    const found = await this.#deleted(repositoryId, since)
      .select(['d.name', 'd.digest'])
      .where('d.id', '=', id)
      .executeTakeFirst();
    if (!found) throw new NotFoundError('object not found');
    return found as { name: string; digest: Digest };
  }

  /** A manifest that was deleted together with its tags. */
  manifest(repositoryId: number, digest: Digest): Promise<KeptManifest | undefined> {
    return this.#database.queries
      .selectFrom('deleted_manifests')
      .select(['media_type', 'bytes'])
      .where('repository_id', '=', repositoryId)
      .where('digest', '=', digest)
      .executeTakeFirst();
  }

  #deleted(repositoryId: number, since: Date) {
    return this.#database.queries
      .selectFrom('deleted_tags as d')
      .where('d.repository_id', '=', repositoryId)
      .where('d.deleted_at', '>=', since.getTime());
  }
}

/** Before a tag goes: part of the transaction that deletes it. */
export async function keepTag(
  transaction: Transaction,
  repositoryId: number,
  name: string,
  deletedBy: number | undefined,
): Promise<void> {
  await sql`INSERT INTO deleted_tags (repository_id, name, digest, deleted_by, deleted_at)
    SELECT repository_id, name, digest, CAST(${deletedBy ?? null} AS BIGINT), ${Date.now()} FROM tags
    WHERE repository_id = ${repositoryId} AND name = ${name}`.execute(transaction);
}

/** Before a manifest goes with all its tags: part of the transaction that deletes it. */
export async function keepManifest(
  transaction: Transaction,
  repositoryId: number,
  digest: Digest,
  deletedBy: number,
): Promise<void> {
  const now = Date.now();
  await sql`INSERT INTO deleted_tags (repository_id, name, digest, deleted_by, deleted_at)
    SELECT repository_id, name, digest, ${deletedBy}, ${now} FROM tags
    WHERE repository_id = ${repositoryId} AND digest = ${digest}`.execute(transaction);
  await sql`INSERT INTO deleted_manifests (repository_id, digest, media_type, bytes, deleted_at)
    SELECT repository_id, digest, media_type, bytes, ${now} FROM manifests
    WHERE repository_id = ${repositoryId} AND digest = ${digest}
    ON CONFLICT (repository_id, digest) DO UPDATE SET deleted_at = ${now}`.execute(transaction);
  await sql`INSERT INTO deleted_manifest_references (repository_id, manifest_digest, digest)
    SELECT repository_id, manifest_digest, digest FROM manifest_references
    WHERE repository_id = ${repositoryId} AND manifest_digest = ${digest} AND kind = 'manifest'
    ON CONFLICT DO NOTHING`.execute(transaction);
}

/** It is back: part of the transaction that makes it a tag again. */
export async function forgetDeletedTag(transaction: Transaction, id: number): Promise<void> {
  const forgotten = await transaction.deleteFrom('deleted_tags').where('id', '=', id).executeTakeFirst();
  if (forgotten.numDeletedRows === 0n) throw new NotFoundError('object not found');
}
