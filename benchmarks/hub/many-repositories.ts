/**
 * Fills a hub's database with many repositories and tags, as years of use would: words and pulls as unevenly spread as in life,
 * a third of it private. Written straight into the tables, since pushing a million tags would take days.
 */
import { Database } from 'bun:sqlite';
import { wordsIn } from '../../src/hub/search/search-index.ts';
import { rankOf } from '../../src/hub/search/search-rank.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';

export interface Size {
  readonly repositories: number;
  readonly tagsOfEach: number;
}

/** Everything about repository number `index` follows from it, so that hubs of any size are alike. */
export interface MadeRepository {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
}

/** A word that only private repositories hold, and many of them. */
export const privateWord = 'internal';

const ofNamespace = 20;
const wordCount = 3000;

/** The first words are in very many repositories, the last in hardly any. */
export function wordOf(index: number): string {
  const syllables = ['ba', 'ke', 'di', 'lo', 'mu', 'ra', 'se', 'ti', 'vo', 'nu', 'pa', 'ge', 'chi'];
  let word = '';
  for (let rest = index + 17; rest > 0; rest = Math.floor(rest / syllables.length)) {
    word += syllables[rest % syllables.length] ?? '';
  }
  return word;
}

export function repositoryAt(index: number): MadeRepository {
  const random = randomFrom(index);
  const word = (): string => wordOf(Math.floor(wordCount * random() ** 4));
  const isPrivate = index % 3 === 2;
  const isOfficial = index % 1000 === 0;
  return {
    namespace: isOfficial ? 'library' : `user${Math.floor(index / ofNamespace)}`,
    name: `${word()}-${word()}${index}`,
    description: [...Array.from({ length: 8 }, word), isPrivate ? privateWord : word()].join(' '),
    isPrivate,
  };
}

/** @param path of a database that a hub has made and left. */
export function fill(path: string, { repositories, tagsOfEach }: Size): void {
  using database = new Database(path);
  database.run('PRAGMA synchronous = OFF');
  const repository = database.prepare(
    `INSERT INTO repositories (id, namespace, name, is_private, is_pending, description, full_description, star_count,
       pull_count, created_at, updated_at, last_pushed_at, search_rank)
     VALUES (?, ?, ?, ?, 0, ?, '', ?, ?, 0, 0, 0, ?)`,
  );
  const manifest = database.prepare(
    `INSERT INTO manifests (repository_id, digest, media_type, pushed_at, image_size, bytes) VALUES (?, ?, ?, 0, 0, ?)`,
  );
  const tag = database.prepare(
    'INSERT INTO tags (repository_id, name, digest, pushed_at) VALUES (?, ?, ?, 0)',
  );
  database.transaction(() => {
    for (let index = 0; index < repositories; index++) {
      const { namespace, name, description, isPrivate } = repositoryAt(index);
      const random = randomFrom(-index - 1);
      const [id, is_private] = [index + 1, isPrivate ? 1 : 0];
      const [star_count, pull_count] = [Math.floor(20 * random() ** 8), Math.floor(1e6 * random() ** 12)];
      const rank = rankOf({ id, namespace, star_count, pull_count });
      repository.run(id, namespace, name, is_private, description, star_count, pull_count, rank);
      for (const [table, words] of wordsIn({ namespace, name, description, is_private })) {
        database.query(`INSERT INTO ${table} (rowid, words) VALUES (?, ?)`).run(rank, words);
      }
      const bytes = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, index }));
      const digest = digestOf(bytes);
      manifest.run(id, digest, mediaTypes.ociManifest, bytes);
      for (let number = 0; number < tagsOfEach; number++) tag.run(id, `1.${number}.0`, digest);
    }
  })();
}

/** Numbers from 0 to 1 that are the same every time: https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function randomFrom(seed: number): () => number {
  let state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}
