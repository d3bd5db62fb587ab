/**
 * What a policy says of each tag of a repository, from the latest push on. Tags that only carry what is said of an image, as older
 * clients make them (`sha256-<digest>.sig`), go when its tags go, and stay with it.
 */
import { sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import { immutableAmong } from '../repositories/immutable-tags.ts';
import type { SeenTag } from '../repositories/tag-store.ts';
import { type RetentionRules, TagJudge } from './policy.ts';

export interface JudgedTag extends SeenTag {
  readonly digest: Digest;
  readonly verdict: Verdict;
}

type Verdict =
  | { readonly keep: false }
  | { readonly keep: true; readonly because: 'rule'; readonly rule: number }
  | { readonly keep: true; readonly because: 'immutable' | 'of_kept_image' };

type TagRow = Omit<JudgedTag, 'verdict'>;

const pageSize = 500;
const carrier = /^sha256-([0-9a-f]{64})(?:\.\w+)?$/;

/** In parts of a page. @throws InvalidError for a pattern that is none. */
export async function* judgeRepository(
  database: HubDatabase,
  repositoryId: number,
  policy: RetentionRules,
  now: number,
): AsyncGenerator<readonly JudgedTag[], void, undefined> {
  const judge = new TagJudge(policy, now);
  if (!judge.hasRules) return;
  const subjects = await Subjects.of(database, repositoryId);
  for await (const page of pagesOf(database, repositoryId)) {
    const ordinary = page.filter(({ name }) => !carrier.test(name));
    const judged = await withImmutable(
      database,
      repositoryId,
      ordinary.map((tag): JudgedTag => {
        const rule = judge.keptBy(tag);
        return {
          ...tag,
          verdict: rule === undefined ? { keep: false } : { keep: true, because: 'rule', rule },
        };
      }),
    );
    for (const tag of judged) subjects.note(tag);
    yield judged;
  }
  for await (const page of pagesOf(database, repositoryId)) {
    const carriers = page.filter(({ name }) => carrier.test(name));
    const judged = carriers.map((tag): JudgedTag => {
      const keep = subjects.stays(subjectOf(tag.name));
      return { ...tag, verdict: keep ? { keep, because: 'of_kept_image' } : { keep } };
    });
    if (judged.length > 0) yield await withImmutable(database, repositoryId, judged);
  }
}

/** The latest push first; what is removed in between does not matter. */
async function* pagesOf(
  database: HubDatabase,
  repositoryId: number,
): AsyncGenerator<readonly TagRow[], void, undefined> {
  for (let last: TagRow | undefined; ;) {
    const after = last
      ? sql`(pushed_at < ${last.pushed_at} OR (pushed_at = ${last.pushed_at} AND name < ${last.name}))`
      : sql`1 = 1`;
    const page = await database.read(sql<TagRow>`SELECT name, digest, pushed_at, last_pulled_at FROM tags
      WHERE repository_id = ${repositoryId} AND ${after} ORDER BY pushed_at DESC, name DESC LIMIT ${pageSize}`);
    if (page.length === 0) return;
    yield page;
    last = page.at(-1);
  }
}

/** What would go and may not. */
async function withImmutable(
  database: HubDatabase,
  repositoryId: number,
  judged: readonly JudgedTag[],
): Promise<readonly JudgedTag[]> {
  const going = judged.filter(({ verdict }) => !verdict.keep).map(({ name }) => name);
  if (going.length === 0) return judged;
  const immutable = await immutableAmong(database.queries, repositoryId, going);
  return judged.map((tag) =>
    immutable.has(tag.name) ? { ...tag, verdict: { keep: true, because: 'immutable' } } : tag,
  );
}

function subjectOf(name: string): string {
  return `sha256:${carrier.exec(name)?.[1] ?? ''}`;
}

/** The images that carriers are about: whether a tag that stays leads to them, or only such as go. */
class Subjects {
  /** By the digest of a subject, or of an index that has it: the subjects. */
  readonly #leading: ReadonlyMap<string, readonly string[]>;
  readonly #staying = new Map<string, boolean>();

  private constructor(leading: ReadonlyMap<string, readonly string[]>) {
    this.#leading = leading;
  }

  static async of(database: HubDatabase, repositoryId: number): Promise<Subjects> {
    const leading = new Map<string, string[]>();
    const add = (from: string, subject: string): void => {
      leading.set(from, [...(leading.get(from) ?? []), subject]);
    };
    for (let last = 'sha256-'; ;) {
      const rows = await database.read(sql<{ name: string }>`SELECT name FROM tags
        WHERE repository_id = ${repositoryId} AND name > ${last} AND name < 'sha256.' ORDER BY name LIMIT ${pageSize}`);
      const found = new Set(rows.filter(({ name }) => carrier.test(name)).map(({ name }) => subjectOf(name)));
      for (const subject of found) add(subject, subject);
      if (found.size > 0) {
        const indexes = await database.read(sql<{ manifest_digest: string; digest: string }>`
          SELECT manifest_digest, digest FROM manifest_references
          WHERE repository_id = ${repositoryId} AND kind = 'manifest' AND digest IN (${sql.join([...found])})`);
        for (const { manifest_digest: index, digest } of indexes) add(index, digest);
      }
      const end = rows.at(-1)?.name;
      if (end === undefined) return new Subjects(leading);
      last = end;
    }
  }

  note({ digest, verdict }: JudgedTag): void {
    for (const subject of this.#leading.get(digest) ?? []) {
      this.#staying.set(subject, verdict.keep || this.#staying.get(subject) === true);
    }
  }

  /** Also what no tag leads to: nobody said that it is to go. */
  stays(subject: string): boolean {
    return this.#staying.get(subject) ?? true;
  }
}
