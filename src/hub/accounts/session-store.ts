/** Sessions of browsers and of API clients: a random secret with its holder, its hash here. */
import type { HubDatabase, Statement } from '../db/database.ts';
import type { Account } from './account-store.ts';

export const sessionLifetime = 30 * 24 * 3600 * 1000;
const maxUserAgent = 256;

export class SessionStore {
  readonly #database: HubDatabase;
  readonly #byHash: Statement<{ account_id: number; expires_at: number }>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#byHash = database.prepare('SELECT account_id, expires_at FROM sessions WHERE token_hash = ?');
  }

  /** Starts a session and returns its secret, known to nobody else. Sessions that ran out go at the same time. */
  async create(account: Account, userAgent: string, lifetime = sessionLifetime): Promise<string> {
    const secret = `cais_${crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: 'base64url', omitPadding: true })}`;
    const now = Date.now();
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('sessions').where('expires_at', '<', now).execute();
      await transaction
        .insertInto('sessions')
        .values({
          token_hash: hashOf(secret),
          account_id: account.id,
          user_agent: userAgent.slice(0, maxUserAgent),
          created_at: now,
          expires_at: now + lifetime,
        })
        .execute();
    });
    return secret;
  }

  /** The id of the account whose session this is; undefined when it is none or has run out. */
  async findAccountId(secret: string): Promise<number | undefined> {
    const session = await this.#byHash.get(hashOf(secret));
    return session && session.expires_at > Date.now() ? session.account_id : undefined;
  }

  /** Idempotent. */
  async end(secret: string): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction.deleteFrom('sessions').where('token_hash', '=', hashOf(secret)).execute(),
    );
  }
}

function hashOf(secret: string): string {
  return new Bun.CryptoHasher('sha256').update(secret).digest('hex');
}
