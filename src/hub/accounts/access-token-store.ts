/**
 * Access tokens: passwords for programs, of a person or of an organization. Each with its own rights, which are never more than
 * its account's; the secret is shown once, its hash is here.
 */
import { sql } from 'kysely';
import { NotFoundError } from '../../lib/errors.ts';
import type { TokenLimits } from '../auth/policy.ts';
import type { HubDatabase, KeptStatement, Statement } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { TokenScope } from '../db/schema.ts';
import { hashOf, newSecret } from './secret.ts';

export const personalPrefix = 'dckr_pat_';
export const organizationPrefix = 'dckr_oat_';

export interface AccessToken {
  readonly id: number;
  readonly uuid: string;
  readonly account_id: number;
  /** Null when that account is gone. */
  readonly created_by: number | null;
  readonly label: string;
  readonly description: string;
  readonly scope: TokenScope;
  readonly repositories: string | null;
  readonly is_active: number;
  readonly creator_address: string;
  readonly creator_agent: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

export interface NewAccessToken {
  readonly accountId: number;
  readonly createdBy: number;
  readonly prefix: typeof personalPrefix | typeof organizationPrefix;
  readonly label: string;
  readonly description: string;
  readonly scope: TokenScope;
  /** Undefined: all that the account may. */
  readonly repositories: readonly string[] | undefined;
  readonly address: string;
  readonly userAgent: string;
  readonly expiresAt: number | undefined;
}

interface AccessTokenChanges {
  readonly label?: string | undefined;
  readonly description?: string | undefined;
  readonly isActive?: boolean | undefined;
}

const columns = [
  'id',
  'uuid',
  'account_id',
  'created_by',
  'label',
  'description',
  'scope',
  'repositories',
  'is_active',
  'creator_address',
  'creator_agent',
  'created_at',
  'expires_at',
  'last_used_at',
] as const;

const maxUserAgent = 256;
/** Uses are not written down more often than this. */
const useInterval = 60_000;

/** True for what may be an access token; no other password is compared with them. */
export function looksLikeAccessToken(text: string): boolean {
  return text.startsWith(personalPrefix) || text.startsWith(organizationPrefix);
}

export function limitsOf({ scope, repositories }: AccessToken): TokenLimits {
  const paths = repositories === null ? undefined : new Set(JSON.parse(repositories) as string[]);
  return { scope, repositories: paths };
}

export class AccessTokenStore {
  readonly #database: HubDatabase;
  readonly #byId: KeptStatement<AccessToken>;
  readonly #byHash: Statement<AccessToken>;

  constructor(database: HubDatabase) {
    this.#database = database;
    const select = `SELECT ${columns.join(', ')} FROM access_tokens`;
    this.#byId = database.prepareKept(`${select} WHERE id = ?`);
    this.#byHash = database.prepare(`${select} WHERE token_hash = ?`);
  }

  /** The token, while it works. Cheap: every request with a registry token that was made from it asks. */
  async findWorking(id: number): Promise<AccessToken | undefined> {
    return working(await this.#byId.get(id));
  }

  /** The token of this secret, while it works. */
  async findBySecret(secret: string): Promise<AccessToken | undefined> {
    return working(await this.#byHash.get(hashOf(secret)));
  }

  /** The secret is known to nobody else from here on. */
  async create(token: NewAccessToken): Promise<{ readonly token: AccessToken; readonly secret: string }> {
    const secret = newSecret(token.prefix);
    const created = await this.#database.transaction((transaction) =>
      transaction
        .insertInto('access_tokens')
        .values({
          uuid: crypto.randomUUID(),
          account_id: token.accountId,
          created_by: token.createdBy,
          token_hash: hashOf(secret),
          label: token.label,
          description: token.description,
          scope: token.scope,
          repositories: token.repositories ? JSON.stringify(token.repositories) : null,
          is_active: 1,
          creator_address: token.address,
          creator_agent: token.userAgent.slice(0, maxUserAgent),
          created_at: Date.now(),
          expires_at: token.expiresAt ?? null,
        })
        .returning(columns)
        .executeTakeFirstOrThrow(),
    );
    return { token: created, secret };
  }

  async list(
    accountId: number,
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ): Promise<{ count: number; active: number; tokens: readonly AccessToken[] }> {
    const mine = this.#database.queries.selectFrom('access_tokens').where('account_id', '=', accountId);
    const tokens = await mine.select(columns).orderBy('id', 'desc').limit(limit).offset(offset).execute();
    const counted = await mine
      .select(({ fn }) => [
        fn.countAll<number>().as('count'),
        fn.coalesce(fn.sum<number>('is_active'), sql<number>`0`).as('active'),
      ])
      .executeTakeFirstOrThrow();
    return { ...counted, tokens };
  }

  /** @throws NotFoundError also for a token of somebody else. */
  async get(accountId: number, uuid: string): Promise<AccessToken> {
    const found = await this.#database.queries
      .selectFrom('access_tokens')
      .select(columns)
      .where('account_id', '=', accountId)
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return found ?? noToken();
  }

  /** @throws NotFoundError */
  async update(accountId: number, uuid: string, changes: AccessTokenChanges): Promise<AccessToken> {
    const { label, description, isActive } = changes;
    const changed = await this.#database.transaction((transaction) =>
      transaction
        .updateTable('access_tokens')
        .set({
          uuid,
          ...(label !== undefined && { label }),
          ...(description !== undefined && { description }),
          ...(isActive !== undefined && { is_active: isActive ? 1 : 0 }),
        })
        .where('account_id', '=', accountId)
        .where('uuid', '=', uuid)
        .returning(columns)
        .executeTakeFirst(),
    );
    return changed ?? noToken();
  }

  /** Its sessions and refresh tokens end with it. @throws NotFoundError */
  async delete(accountId: number, uuid: string): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('access_tokens')
        .where('account_id', '=', accountId)
        .where('uuid', '=', uuid)
        .executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) noToken();
  }

  /** Writes down that it was used, now and then. */
  async touch({ id, last_used_at: last }: AccessToken): Promise<void> {
    const now = Date.now();
    if ((last ?? 0) > now - useInterval) return;
    await this.#database.queries
      .updateTable('access_tokens')
      .set({ last_used_at: now })
      .where('id', '=', id)
      .execute();
  }
}

/** Tokens that name the repository go on opening it: part of the transaction that renames it. */
export async function replacePath(transaction: Transaction, from: string, to: string): Promise<void> {
  const found = await transaction
    .selectFrom('access_tokens')
    .select(['id', 'repositories'])
    .where('repositories', 'like', `%"${from}"%`)
    .execute();
  for (const { id, repositories } of found) {
    // An underscore in a name is any sign to LIKE; here it is itself.
    const paths = (JSON.parse(repositories ?? '[]') as string[]).map((path) => (path === from ? to : path));
    await transaction
      .updateTable('access_tokens')
      .set({ repositories: JSON.stringify(paths) })
      .where('id', '=', id)
      .execute();
  }
}

function working(token: AccessToken | undefined): AccessToken | undefined {
  if (!token || token.is_active === 0) return undefined;
  return token.expires_at === null || token.expires_at > Date.now() ? token : undefined;
}

function noToken(): never {
  throw new NotFoundError('no such access token');
}
