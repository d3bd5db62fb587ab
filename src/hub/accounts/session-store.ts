/**
 * What an account has open: sessions of browsers and API clients, refresh tokens of registry clients, and the short steps in
 * between (a second factor, a password's reset). A random secret with its holder, its hash here, good for one purpose only.
 */
import type { HubDatabase, Queries, Statement } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { SessionPurpose } from '../db/schema.ts';
import { hashOf, newSecret } from './secret.ts';

const day = 24 * 3600 * 1000;

/** How long each lasts unless it is told. A refresh token lives on with every use. */
export const lifetimes: Record<SessionPurpose, number> = {
  session: 30 * day,
  refresh: 180 * day,
  'second-factor': 5 * 60_000,
  'password-reset': day,
};

const prefixes: Record<SessionPurpose, string> = {
  session: 'cais_',
  refresh: 'cais_rt_',
  'second-factor': 'cais_2fa_',
  'password-reset': 'cais_reset_',
};

/** The service of sessions that a provider of identities let in. */
export const providerService = 'provider';

const maxUserAgent = 256;
/** Uses are not written down more often than this. */
const useInterval = 5 * 60_000;

export interface NewSession {
  readonly accountId: number;
  readonly purpose: SessionPurpose;
  readonly address: string;
  readonly userAgent: string;
  readonly lifetime?: number;
  readonly accessTokenId?: number | undefined;
  readonly service?: string;
  /** What the provider that let them in calls its own session; '' where there is none. */
  readonly providerSid?: string;
}

/** Sessions that a provider let in; see oidc/logout-token.ts. */
export interface ProviderSessions {
  /** Undefined: whoever has the sid. */
  readonly accountId: number | undefined;
  /** '' for all of the account's. */
  readonly sid: string;
  /** That began before, in milliseconds. */
  readonly before: number;
}

export interface Session {
  readonly id: number;
  readonly account_id: number;
  readonly access_token_id: number | null;
  readonly service: string;
  readonly expires_at: number;
  readonly last_used_at: number | null;
}

export interface ListedSession extends Session {
  readonly purpose: SessionPurpose;
  readonly user_agent: string;
  readonly address: string;
  readonly created_at: number;
}

const columns = ['id', 'account_id', 'access_token_id', 'service', 'expires_at', 'last_used_at'] as const;
/** Those that an account's owner sees and ends. */
const listed: readonly SessionPurpose[] = ['session', 'refresh'];

export class SessionStore {
  readonly #database: HubDatabase;
  readonly #byHash: Statement<Session>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#byHash = database.prepare(
      `SELECT ${columns.join(', ')} FROM sessions WHERE token_hash = ? AND purpose = ?`,
    );
  }

  /** Starts one and returns its secret, known to nobody else. Those that ran out go at the same time. */
  async create(session: NewSession): Promise<string> {
    const { purpose, lifetime = lifetimes[purpose] } = session;
    const secret = newSecret(prefixes[purpose]);
    const now = Date.now();
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('sessions').where('expires_at', '<', now).execute();
      await transaction
        .insertInto('sessions')
        .values({
          token_hash: hashOf(secret),
          account_id: session.accountId,
          user_agent: session.userAgent.slice(0, maxUserAgent),
          created_at: now,
          expires_at: now + lifetime,
          purpose,
          access_token_id: session.accessTokenId ?? null,
          service: session.service ?? '',
          provider_sid: session.providerSid ?? '',
          address: session.address,
        })
        .execute();
    });
    return secret;
  }

  /** Undefined when the secret is none, is for something else, or has run out. */
  async find(secret: string, purpose: SessionPurpose): Promise<Session | undefined> {
    const session = await this.#byHash.get(hashOf(secret), purpose);
    return session && session.expires_at > Date.now() ? session : undefined;
  }

  /** Writes down that it was used, now and then; a refresh token runs on from here. */
  async touch(session: Session, purpose: SessionPurpose): Promise<void> {
    const now = Date.now();
    if ((session.last_used_at ?? 0) > now - useInterval) return;
    await this.#database.queries
      .updateTable('sessions')
      .set({ last_used_at: now, ...(purpose === 'refresh' && { expires_at: now + lifetimes.refresh }) })
      .where('id', '=', session.id)
      .execute();
  }

  list(accountId: number): Promise<readonly ListedSession[]> {
    return this.#database.queries
      .selectFrom('sessions')
      .select([...columns, 'purpose', 'user_agent', 'address', 'created_at'])
      .where('account_id', '=', accountId)
      .where('purpose', 'in', listed)
      .where('expires_at', '>', Date.now())
      .orderBy('id', 'desc')
      .execute();
  }

  /** Idempotent. */
  async end(secret: string): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction.deleteFrom('sessions').where('token_hash', '=', hashOf(secret)).execute(),
    );
  }

  /** True when there was one of this number, and it was the account's. */
  async endById(accountId: number, id: number): Promise<boolean> {
    const ended = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('sessions')
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst(),
    );
    return ended.numDeletedRows > 0n;
  }

  /** @returns whose sessions have ended, each account once. */
  async endOfProvider({ accountId, sid, before }: ProviderSessions): Promise<readonly number[]> {
    const ended = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('sessions')
        .where('service', '=', providerService)
        .where('created_at', '<=', before)
        .$if(accountId !== undefined, (query) => query.where('account_id', '=', accountId ?? 0))
        .$if(sid !== '', (query) => query.where('provider_sid', '=', sid))
        .returning('account_id')
        .execute(),
    );
    return [...new Set(ended.map(({ account_id }) => account_id))];
  }

  /** Ends all but the one given, refresh tokens included. */
  async endOthers(accountId: number, keptId?: number): Promise<void> {
    await this.#database.transaction((transaction) => endSessions(transaction, accountId, keptId));
  }
}

/** Part of the transaction that changes how an account is signed in to. */
export async function endSessions(
  transaction: Transaction,
  accountId: number,
  keptId?: number,
): Promise<void> {
  await transaction
    .deleteFrom('sessions')
    .where('account_id', '=', accountId)
    .$if(keptId !== undefined, (query) => query.where('id', '!=', keptId ?? 0))
    .execute();
}

/** Takes a secret that works once: whoever comes second finds none. Part of the transaction that does what it is good for. */
export async function spend(
  queries: Queries,
  secret: string,
  purpose: SessionPurpose,
): Promise<{ readonly account_id: number } | undefined> {
  return await queries
    .deleteFrom('sessions')
    .where('token_hash', '=', hashOf(secret))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', Date.now())
    .returning('account_id')
    .executeTakeFirst();
}
