/** What is kept for ACME: the account at the authority, the certificate, and answers to challenges. All copies of the hub see the same. */
import { z } from 'zod';
import type { HubDatabase } from '../db/database.ts';

const accountForm = z.object({ directory: z.string(), key: z.string(), url: z.string() });
export type AcmeAccount = z.infer<typeof accountForm>;

const pairForm = z.object({ cert: z.string(), key: z.string() });
type Pair = z.infer<typeof pairForm>;

/** A challenge that its copy could not take away, because it was killed, goes with a later one. */
const challengeLifetime = 24 * 3600_000;

export class AcmeStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** @param directory whose account it is: another authority knows nothing of it. */
  async account(directory: string): Promise<AcmeAccount | undefined> {
    const account = accountForm.safeParse(await this.#json('account'));
    return account.success && account.data.directory === directory ? account.data : undefined;
  }

  keepAccount(account: AcmeAccount): Promise<void> {
    return this.#put('account', JSON.stringify(account));
  }

  async certificate(): Promise<Pair | undefined> {
    return pairForm.safeParse(await this.#json('certificate')).data;
  }

  keepCertificate({ cert, key }: Pair): Promise<void> {
    return this.#put('certificate', JSON.stringify({ cert, key }));
  }

  answerTo(token: string): Promise<string | undefined> {
    return this.#get(`challenge/${token}`);
  }

  async keepAnswer(token: string, answer: string): Promise<void> {
    await this.#database.queries
      .deleteFrom('acme')
      .where('name', 'like', 'challenge/%')
      .where('updated_at', '<', Date.now() - challengeLifetime)
      .execute();
    await this.#put(`challenge/${token}`, answer);
  }

  async removeAnswer(token: string): Promise<void> {
    await this.#database.queries.deleteFrom('acme').where('name', '=', `challenge/${token}`).execute();
  }

  async #json(name: string): Promise<unknown> {
    const text = await this.#get(name);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async #get(name: string): Promise<string | undefined> {
    const row = await this.#database.queries
      .selectFrom('acme')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.value;
  }

  async #put(name: string, value: string): Promise<void> {
    const row = { name, value, updated_at: Date.now() };
    await this.#database.queries
      .insertInto('acme')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
  }
}
