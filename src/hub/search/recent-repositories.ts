/** The public repositories that were pushed to last, read from the end of an index: however many there are. */
import { sql } from 'kysely';
import type { HubDatabase } from '../db/database.ts';
import type { SearchHit } from './search-repositories.ts';

export function recentRepositories(database: HubDatabase, limit: number): Promise<readonly SearchHit[]> {
  return database.read(sql<SearchHit>`
    SELECT namespace, name, description, star_count, pull_count, is_private, last_pushed_at FROM repositories
    WHERE is_private = 0 AND is_pending = 0 AND last_pushed_at IS NOT NULL
    ORDER BY last_pushed_at DESC LIMIT ${limit}`);
}
