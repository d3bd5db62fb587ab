/**
 * The keys that sign tokens: ES256, in the database, so that every copy of the hub has them. The newest signs. An older one
 * verifies until the last token that it signed has ended, then it goes. They may change while the hub runs: by
 * `cais hub keys rotate`, or by another copy.
 */
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { CorruptError } from '../../lib/errors.ts';
import type { HubDatabase, Statement } from '../db/database.ts';
import { SharedRun } from '../db/shared-run.ts';
import { takeOverKeyFiles } from './key-files.ts';
import { tokenLifetime } from './token-lifetime.ts';

export const signingAlgorithm = 'ES256';

interface SigningKey {
  /** Of its row. */
  readonly number: number;
  readonly id: string;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
}

interface KeyRow {
  readonly id: number;
  readonly created_at: number;
  readonly jwk: string;
}

/** In milliseconds: between two searches for a key that is not known. */
const searchInterval = 250;

/** After the last of its tokens a key is kept for a little longer: clocks differ. */
const keptAfter = (tokenLifetime + 60) * 1000;

export class SigningKeys {
  readonly #database: HubDatabase;
  readonly #rows: Statement<KeyRow>;
  readonly #search: SharedRun;
  #keys: readonly SigningKey[] = [];
  #nextSearch = 0;

  private constructor(database: HubDatabase) {
    this.#database = database;
    this.#rows = database.prepare('SELECT id, created_at, jwk FROM signing_keys ORDER BY id');
    this.#search = new SharedRun(async () => {
      // Whoever makes up ids waits, and does not keep the database busy.
      await Bun.sleep(Math.max(this.#nextSearch - Date.now(), 0));
      this.#nextSearch = Date.now() + searchInterval;
      await this.reload();
    });
  }

  /** Reads the keys; makes the first one. @param directory where older hubs had them. */
  static async open(database: HubDatabase, directory: string): Promise<SigningKeys> {
    await takeOverKeyFiles(database, directory);
    const keys = new SigningKeys(database);
    await keys.reload();
    if (keys.#keys.length === 0) await keys.rotate(0);
    return keys;
  }

  /** The key that signs. */
  get current(): { readonly id: string; readonly privateKey: CryptoKey } {
    const newest = this.#keys.at(-1);
    if (!newest) throw new CorruptError("the hub's database has no key to sign with");
    return newest;
  }

  /** Only a key of our own is ever found, whatever a token's header says. */
  publicKey(id: string): CryptoKey | undefined {
    return this.#keys.find((key) => key.id === id)?.publicKey;
  }

  /** As `publicKey`; looks for one that another copy of the hub may have made since. @throws UnavailableError */
  async findPublicKey(id: string): Promise<CryptoKey | undefined> {
    const known = this.publicKey(id);
    if (known) return known;
    await this.#search.ask();
    return this.publicKey(id);
  }

  /** https://www.rfc-editor.org/rfc/rfc7517#section-5 */
  get keySet(): { readonly keys: readonly JWK[] } {
    const keys = this.#keys.map(({ id, publicJwk }) => ({
      ...publicJwk,
      kid: id,
      alg: signingAlgorithm,
      use: 'sig',
    }));
    return { keys };
  }

  /** Reads what is new and drops what is gone. */
  async reload(): Promise<void> {
    const rows = await this.#rows.all();
    const known = new Map(this.#keys.map((key) => [key.number, key]));
    this.#keys = await Promise.all(rows.map(async (row) => known.get(row.id) ?? (await readKey(row))));
  }

  /**
   * A new key signs from here on. It is in the database before, so that other copies find it when a token of it comes.
   * @param after only where the newest one was made earlier, in milliseconds since 1970: of several copies one makes it.
   * @returns false when there was nothing to do.
   */
  async rotate(after = Number.POSITIVE_INFINITY, now = Date.now()): Promise<boolean> {
    const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
    const jwk = JSON.stringify(await exportJWK(privateKey));
    const isMade = await this.#database.transaction(async (transaction) => {
      const newest = await transaction
        .selectFrom('signing_keys')
        .select('created_at')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (newest && newest.created_at > after) return false;
      await transaction.insertInto('signing_keys').values({ created_at: now, jwk }).execute();
      return true;
    });
    await this.reload();
    return isMade;
  }

  /** Removes the keys that the next one replaced so long ago that no token of theirs runs. */
  async removeEnded(now = Date.now()): Promise<void> {
    const isEnded = (_: SigningKey, index: number): boolean =>
      (this.#keys[index + 1]?.createdAt ?? now) + keptAfter < now;
    await this.#remove(this.#keys.filter(isEnded));
  }

  /** Removes all keys but the newest: what they signed is refused from here on. */
  async removeOld(): Promise<void> {
    await this.#remove(this.#keys.slice(0, -1));
  }

  /** In milliseconds. */
  age(now = Date.now()): number {
    return now - (this.#keys.at(-1)?.createdAt ?? now);
  }

  async #remove(keys: readonly SigningKey[]): Promise<void> {
    if (keys.length === 0) return;
    const numbers = keys.map(({ number }) => number);
    await this.#database.transaction((transaction) =>
      transaction.deleteFrom('signing_keys').where('id', 'in', numbers).execute(),
    );
    await this.reload();
  }
}

async function readKey({ id, created_at, jwk: text }: KeyRow): Promise<SigningKey> {
  try {
    const jwk = JSON.parse(text) as JWK;
    const { d: _, ...publicJwk } = jwk;
    return {
      number: id,
      createdAt: created_at,
      id: await calculateJwkThumbprint(publicJwk),
      privateKey: (await importJWK(jwk, signingAlgorithm)) as CryptoKey,
      publicKey: (await importJWK(publicJwk, signingAlgorithm)) as CryptoKey,
      publicJwk,
    };
  } catch (cause) {
    throw new CorruptError(
      `cannot read key ${id} of the table signing_keys: remove the row to have a new one made`,
      { cause },
    );
  }
}
