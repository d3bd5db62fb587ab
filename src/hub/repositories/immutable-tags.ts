/** Tags that never move: asked inside every transaction that would move or remove one, or what one needs. */
import { sql } from 'kysely';
import { DeniedError } from '../../lib/errors.ts';
import type { Queries } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { TagRules } from './tag-rules.ts';

/** The tag may come to name the manifest: a new tag always, and one that names it already. @throws DeniedError */
export async function requireMovable(
  transaction: Transaction,
  repositoryId: number,
  tag: string,
  digest: string,
): Promise<void> {
  const rules = await rulesOf(transaction, repositoryId);
  if (!rules?.match(tag)) return;
  const found = await transaction
    .selectFrom('tags')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .where('name', '=', tag)
    .executeTakeFirst();
  if (found && found.digest !== digest) throw immutable(tag, 'push under another tag');
}

/** @throws DeniedError */
export async function requireDeletable(
  transaction: Transaction,
  repositoryId: number,
  tag: string,
): Promise<void> {
  const rules = await rulesOf(transaction, repositoryId);
  if (rules?.match(tag)) throw immutable(tag, 'change the rules of the repository to delete it');
}

/** Others are answered in between: a nasty rule takes milliseconds for each tag. */
const sliceSize = 10;

/** Those of the names that never move and are not deleted. */
export async function immutableAmong(
  queries: Queries,
  repositoryId: number,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const rules = await rulesOf(queries, repositoryId);
  const found = new Set<string>();
  if (!rules) return found;
  for (const [index, name] of names.entries()) {
    if (index % sliceSize === sliceSize - 1) await Bun.sleep(0);
    if (rules.match(name)) found.add(name);
  }
  return found;
}

/** Each takes some milliseconds at worst, and nobody else writes meanwhile. */
const maxLeading = 100;

/** No immutable tag leads to this manifest or blob, through whatever indexes. @throws DeniedError */
export async function requireUnneeded(
  transaction: Transaction,
  repositoryId: number,
  digest: string,
): Promise<void> {
  const rules = await rulesOf(transaction, repositoryId);
  if (!rules) return;
  const { rows } = await sql<{ name: string }>`
    WITH RECURSIVE needing (digest) AS (
      SELECT manifest_digest FROM manifest_references WHERE repository_id = ${repositoryId} AND digest = ${digest}
      UNION
      SELECT r.manifest_digest FROM needing n
        JOIN manifest_references r ON r.repository_id = ${repositoryId} AND r.digest = n.digest)
    SELECT name FROM tags WHERE repository_id = ${repositoryId} AND digest = ${digest}
    UNION ALL
    SELECT t.name FROM needing n JOIN tags t ON t.repository_id = ${repositoryId} AND t.digest = n.digest
    LIMIT ${maxLeading + 1}`.execute(transaction);
  if (rows.length > maxLeading) {
    throw new DeniedError(
      `more than ${maxLeading} tags need this: delete them first, those that are not immutable`,
    );
  }
  const tag = rows.find(({ name }) => rules.match(name))?.name;
  if (tag !== undefined) throw immutable(tag, 'change the rules of the repository to delete what it needs');
}

/** Undefined where every tag moves. */
async function rulesOf(queries: Queries, repositoryId: number): Promise<TagRules | undefined> {
  const found = await queries
    .selectFrom('repositories')
    .select(['immutable_tags', 'immutable_rules'])
    .where('id', '=', repositoryId)
    .executeTakeFirst();
  return found?.immutable_tags === 1 ? new TagRules(parseRules(found.immutable_rules)) : undefined;
}

/** As they were given, from the column. */
export function parseRules(column: string): readonly string[] {
  return JSON.parse(column) as string[];
}

function immutable(tag: string, advice: string): DeniedError {
  return new DeniedError(`the tag ${tag} is immutable in this repository: ${advice}`);
}
