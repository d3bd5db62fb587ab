/**
 * The steps between a click and a session. Each is kept here under the hash of a secret that only the browser has, in a cookie: who
 * sends a browser back with a code of their own finds no step of theirs there. Any copy of the hub goes on with it, once.
 */
import { z } from 'zod';
import { hashOf, newSecret } from '../accounts/secret.ts';
import type { HubDatabase } from '../db/database.ts';
import { provedIdentitySchema } from './proved-identity.ts';

const onTheWay = { next: z.string(), invitation: z.string().optional() };

/** The browser is at the provider. */
const askedSchema = z.object({
  kind: z.literal('asked'),
  ...onTheWay,
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** Of who is signed in and wants the identity linked to their account. */
  accountId: z.number().optional(),
});

/** The provider said who it is, and no account is theirs yet. */
const provedSchema = z.object({ kind: z.literal('proved'), ...onTheWay, identity: provedIdentitySchema });

const stepSchema = z.discriminatedUnion('kind', [askedSchema, provedSchema]);
type Step = z.output<typeof stepSchema>;
export type AskedStep = z.output<typeof askedSchema>;
export type ProvedStep = z.output<typeof provedSchema>;

/** In milliseconds: long enough to find a second factor at the provider. */
export const stepLifetime = 10 * 60_000;

export class StepStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Returns its secret. Those that ran out go at the same time. */
  async create(step: Step): Promise<string> {
    const secret = newSecret('');
    const now = Date.now();
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('sign_in_steps').where('expires_at', '<', now).execute();
      await transaction
        .insertInto('sign_in_steps')
        .values({
          token_hash: hashOf(secret),
          step: JSON.stringify(step),
          expires_at: now + stepLifetime,
        })
        .execute();
    });
    return secret;
  }

  /** Undefined when there is none, it is another one, or it has run out. */
  async find(secret: string): Promise<ProvedStep | undefined> {
    const found = await this.#database.queries
      .selectFrom('sign_in_steps')
      .select('step')
      .where('token_hash', '=', hashOf(secret))
      .where('expires_at', '>', Date.now())
      .executeTakeFirst();
    const step = found && stepSchema.parse(JSON.parse(found.step));
    return step?.kind === 'proved' ? step : undefined;
  }

  /** As `find`, for either; whoever comes second finds none. */
  async take<Kind extends Step['kind']>(
    secret: string,
    kind: Kind,
  ): Promise<Extract<Step, { kind: Kind }> | undefined> {
    const taken = await this.#database.queries
      .deleteFrom('sign_in_steps')
      .where('token_hash', '=', hashOf(secret))
      .where('expires_at', '>', Date.now())
      .returning('step')
      .executeTakeFirst();
    const step = taken && stepSchema.parse(JSON.parse(taken.step));
    return step?.kind === kind ? (step as Extract<Step, { kind: Kind }>) : undefined;
  }
}
