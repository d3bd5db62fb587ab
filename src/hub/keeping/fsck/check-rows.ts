/** Rows among themselves: tags lead to manifests, and what is counted as rows change is what there is. */
import { sql } from 'kysely';
import type { HubDatabase } from '../../db/database.ts';
import type { GarbageStore, Span } from '../../repositories/garbage-store.ts';
import type { Problem } from './problem.ts';

interface RowParts {
  readonly database: HubDatabase;
  readonly garbage: GarbageStore;
}

/** One statement for some repositories at a time sees them all as they are in one moment. */
export async function* checkRows({ database, garbage }: RowParts): AsyncGenerator<Problem> {
  for await (const span of garbage.spans()) {
    yield* await danglingTags(database, span);
    yield* await wrongTotals(database, span);
  }
}

async function danglingTags(database: HubDatabase, { after, upTo }: Span): Promise<readonly Problem[]> {
  const rows = await database.read(sql<{ repository_id: number; path: string; name: string; digest: string }>`
    SELECT t.repository_id, r.namespace || '/' || r.name AS path, t.name, t.digest
    FROM tags t JOIN repositories r ON r.id = t.repository_id
    WHERE t.repository_id > ${after} AND t.repository_id <= ${upTo} AND NOT EXISTS (SELECT 1 FROM manifests m
      WHERE m.repository_id = t.repository_id AND m.digest = t.digest)`);
  return rows.map(({ repository_id: repositoryId, path, name, digest }) => ({
    kind: 'tag-dangling',
    message: `${path}:${name} leads to ${digest}, which is not there`,
    repositories: [path],
    repair: {
      what: 'removes the tag',
      run: () =>
        database.transaction(async (transaction) => {
          await transaction
            .deleteFrom('tags')
            .where('repository_id', '=', repositoryId)
            .where('name', '=', name)
            .where('digest', '=', digest)
            .execute();
        }),
    },
  }));
}

async function wrongTotals(database: HubDatabase, { after, upTo }: Span): Promise<readonly Problem[]> {
  const rows = await database.read(sql<{ id: number; path: string }>`
    SELECT r.id, r.namespace || '/' || r.name AS path FROM repositories r
    LEFT JOIN repository_totals t ON t.repository_id = r.id
    WHERE r.id > ${after} AND r.id <= ${upTo} AND (
      coalesce(t.tags, 0) <> (SELECT count(*) FROM tags g WHERE g.repository_id = r.id)
      OR coalesce(t.blobs, 0) <> (SELECT count(*) FROM repository_blobs b WHERE b.repository_id = r.id)
      OR coalesce(t.bytes, 0) <> (SELECT coalesce(sum(b.size), 0) FROM repository_blobs b WHERE b.repository_id = r.id))`);
  return rows.map(({ id, path }) => ({
    kind: 'totals',
    message: `the numbers of tags and blobs of ${path} are counted wrongly`,
    repositories: [path],
    repair: { what: 'counts them', run: () => countAgain(database, id) },
  }));
}

function countAgain(database: HubDatabase, id: number): Promise<void> {
  return database.transaction(async (transaction) => {
    await sql`INSERT INTO repository_totals (repository_id, tags, blobs, bytes)
      SELECT r.id, (SELECT count(*) FROM tags g WHERE g.repository_id = r.id),
        (SELECT count(*) FROM repository_blobs b WHERE b.repository_id = r.id),
        (SELECT coalesce(sum(b.size), 0) FROM repository_blobs b WHERE b.repository_id = r.id)
      FROM repositories r WHERE r.id = ${id}
      ON CONFLICT (repository_id) DO UPDATE
        SET tags = excluded.tags, blobs = excluded.blobs, bytes = excluded.bytes`.execute(transaction);
  });
}
