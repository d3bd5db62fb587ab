/** Accounts: who may sign in. Passwords are here as hashes only (password.ts). */
import { sql } from 'kysely';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase, KeptStatement, Queries } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { AccountKind } from '../db/schema.ts';
import type { AccountName } from './account-name.ts';
import { takeInvitation } from './invitation-store.ts';
import { contains } from '../repositories/repository-store.ts';
import { type IdentityKey, linkIdentity } from '../oidc/identity-store.ts';
import { endSessions } from './session-store.ts';

export interface Account {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly is_admin: number;
  /** 0: switched off by an administrator. */
  readonly is_active: number;
  readonly full_name: string;
  readonly location: string;
  readonly company: string;
  readonly created_at: number;
  readonly kind: AccountKind;
}

export interface ListedAccount extends Account {
  readonly has_second_factor: number;
  readonly last_seen_at: number | null;
}

/** What is compared at a sign-in. */
export interface Credentials {
  readonly account: Account;
  /** Undefined for an account without a password. */
  readonly passwordHash: string | undefined;
  /** Null without a second factor. */
  readonly totpSecret: string | null;
}

export interface NewAccount {
  readonly name: AccountName;
  readonly email: string;
  /** Undefined for who signs in by a provider only. */
  readonly passwordHash: string | undefined;
  readonly fullName?: string;
  /** At a provider; it opens the account from the first moment. */
  readonly identity?: IdentityKey;
  /** The first account of a hub is an administrator whatever is said here. */
  readonly isAdmin: boolean;
  /** Its secret; used up with the account made. */
  readonly invitation?: string | undefined;
}

type AccountChanges = { readonly [K in 'full_name' | 'location' | 'company']?: string | undefined };

export const accountColumns = [
  'id',
  'name',
  'email',
  'is_admin',
  'is_active',
  'full_name',
  'location',
  'company',
  'created_at',
  'kind',
] as const;

export class AccountStore {
  readonly #database: HubDatabase;
  readonly #byId: KeptStatement<Account>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#byId = database.prepareKept<Account>(
      `SELECT ${accountColumns.join(', ')} FROM accounts WHERE id = ?`,
    );
  }

  /** Cheap: every request with a token asks. */
  find(id: number): Promise<Account | undefined> {
    return this.#byId.get(id);
  }

  findByName(name: string): Promise<Account | undefined> {
    return this.#database.queries
      .selectFrom('accounts')
      .select(accountColumns)
      .where('name', '=', name)
      .executeTakeFirst();
  }

  /** Undefined also for an organization, as which nobody signs in by password, and for an account that is switched off. */
  async findCredentials(name: string): Promise<Credentials | undefined> {
    const found = await this.#database.queries
      .selectFrom('accounts')
      .select([...accountColumns, 'password_hash', 'totp_secret'])
      .where('name', '=', name)
      .where('kind', '=', 'user')
      .where('is_active', '=', 1)
      .executeTakeFirst();
    if (!found) return undefined;
    const { password_hash: passwordHash, totp_secret: totpSecret, ...account } = found;
    return { account, passwordHash: passwordHash || undefined, totpSecret };
  }

  /** Somebody who has this address, in whatever case. */
  findByEmail(email: string): Promise<Account | undefined> {
    return this.#database.queries
      .selectFrom('accounts')
      .select(accountColumns)
      .where(({ fn }) => fn('lower', ['email']), '=', email.toLowerCase())
      .where('email', '!=', '')
      .where('kind', '=', 'user')
      .limit(1)
      .executeTakeFirst();
  }

  async hasPassword(id: number): Promise<boolean> {
    const found = await this.#database.queries
      .selectFrom('accounts')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirst();
    return found !== undefined && found.password_hash !== '';
  }

  /** People, by name. */
  list(): Promise<readonly ListedAccount[]> {
    return people(this.#database.queries).orderBy('name').execute();
  }

  /** @throws NotFoundError also for an organization. */
  async listed(name: string): Promise<ListedAccount> {
    const found = await people(this.#database.queries).where('name', '=', name).executeTakeFirst();
    if (!found) throw noSuch(name);
    return found;
  }

  /** Some of the people whose name or address holds the text, by name. */
  async page(
    text: string,
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly count: number; readonly accounts: readonly ListedAccount[] }> {
    const found = people(this.#database.queries).$if(text !== '', (query) =>
      query.where((is) => is.or([contains('name', text), contains('email', text)])),
    );
    const counted = await found
      .clearSelect()
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirst();
    const accounts = await found.orderBy('name').limit(limit).offset(offset).execute();
    return { count: counted?.count ?? 0, accounts };
  }

  /** @throws ConflictError when the name is taken. */
  create(account: NewAccount): Promise<Account> {
    return this.#database.transaction(async (transaction) => {
      if (await isTaken(transaction, account.name)) {
        throw new ConflictError(`the username ${account.name} is already taken`);
      }
      const { invitation } = account;
      if (invitation !== undefined) await takeInvitation(transaction, invitation, account.email);
      const isFirst = (await anyAccount(transaction)) === undefined;
      const created = await transaction
        .insertInto('accounts')
        .values({
          name: account.name,
          email: account.email,
          password_hash: account.passwordHash ?? '',
          is_admin: account.isAdmin || isFirst ? 1 : 0,
          full_name: account.fullName ?? '',
          location: '',
          company: '',
          created_at: Date.now(),
        })
        .returning(accountColumns)
        .executeTakeFirstOrThrow();
      if (account.identity) await linkIdentity(transaction, account.identity, created.id);
      return created;
    });
  }

  /** Changes what everybody may know of it. @throws NotFoundError */
  async update(id: number, changes: AccountChanges): Promise<Account> {
    const changed = await this.#database.transaction((transaction) =>
      transaction
        .updateTable('accounts')
        .set({ id, ...changes })
        .where('id', '=', id)
        .returning(accountColumns)
        .executeTakeFirst(),
    );
    if (!changed) throw new NotFoundError('no such account');
    return changed;
  }

  /** @throws NotFoundError also for an organization. */
  setAdministrator(name: string, isAdmin: boolean): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await setFlag(transaction, name, 'is_admin', isAdmin);
    });
  }

  /** Switched off it is signed out everywhere, and its access tokens do not work. @throws NotFoundError also for an organization. */
  setActive(name: string, isActive: boolean): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const id = await setFlag(transaction, name, 'is_active', isActive);
      if (!isActive) await endSessions(transaction, id);
    });
  }

  /** Replaces the password and ends every session and refresh token but the session given. @throws NotFoundError */
  setPasswordHash(name: string, passwordHash: string, keptSessionId?: number): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const changed = await transaction
        .updateTable('accounts')
        .set({ password_hash: passwordHash })
        .where('name', '=', name)
        .where('kind', '=', 'user')
        .returning('id')
        .executeTakeFirst();
      if (!changed) throw new NotFoundError(`no such account: ${name}`);
      await endSessions(transaction, changed.id, keptSessionId);
    });
  }

  /**
   * Removes a person's account with its sessions and stars; its repositories stay, with nobody to push to them.
   * @throws NotFoundError, ConflictError while it is the only owner of an organization.
   */
  remove(name: string): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const person = await transaction
        .selectFrom('accounts')
        .select('id')
        .where('name', '=', name)
        .where('kind', '=', 'user')
        .executeTakeFirst();
      if (!person) throw new NotFoundError(`no such account: ${name}`);
      const organization = await ownedAlone(transaction, person.id);
      if (organization !== undefined) {
        throw new ConflictError(
          `${name} is the only owner of ${organization}: make somebody else an owner, or delete it, first`,
        );
      }
      await transaction.deleteFrom('accounts').where('id', '=', person.id).execute();
    });
  }
}

function people(queries: Queries) {
  return queries
    .selectFrom('accounts')
    .select(accountColumns)
    .select(sql<number>`CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END`.as('has_second_factor'))
    .select((select) =>
      select
        .selectFrom('sessions')
        .whereRef('sessions.account_id', '=', 'accounts.id')
        .select((max) =>
          max.fn.max(sql<number>`coalesce(sessions.last_used_at, sessions.created_at)`).as('seen'),
        )
        .as('last_seen_at'),
    )
    .where('kind', '=', 'user');
}

/** @returns the account's id. */
async function setFlag(
  transaction: Transaction,
  name: string,
  column: 'is_admin' | 'is_active',
  value: boolean,
): Promise<number> {
  const changed = await transaction
    .updateTable('accounts')
    .set({ [column]: value ? 1 : 0 })
    .where('name', '=', name)
    .where('kind', '=', 'user')
    .returning('id')
    .executeTakeFirst();
  if (!changed) throw noSuch(name);
  return changed.id;
}

function noSuch(name: string): NotFoundError {
  return new NotFoundError(`no such account: ${name}`);
}

/** Repositories that a removed account left, deleted or not, keep its name taken: who signs up next must not inherit them. */
export async function isTaken(queries: Queries, name: string): Promise<boolean> {
  const account = await queries
    .selectFrom('accounts')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  if (account) return true;
  const left = await queries
    .selectFrom('repositories')
    .select('id')
    .where('namespace', '=', name)
    .limit(1)
    .executeTakeFirst();
  if (left) return true;
  const deleted = await queries
    .selectFrom('deleted_repositories')
    .select('repository_id')
    .where('namespace', '=', name)
    .limit(1)
    .executeTakeFirst();
  return deleted !== undefined;
}

/** The name of an organization that would be left without an owner. */
async function ownedAlone(queries: Queries, accountId: number): Promise<string | undefined> {
  const found = await queries
    .selectFrom('organization_members as mine')
    .innerJoin('accounts', 'accounts.id', 'mine.organization_id')
    .select('accounts.name')
    .where('mine.account_id', '=', accountId)
    .where('mine.role', '=', 'owner')
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('organization_members as other')
            .select('other.account_id')
            .whereRef('other.organization_id', '=', 'mine.organization_id')
            .where('other.role', '=', 'owner')
            .where('other.account_id', '!=', accountId),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst();
  return found?.name;
}

function anyAccount(queries: Queries): Promise<{ id: number } | undefined> {
  return queries.selectFrom('accounts').select('id').where('kind', '=', 'user').limit(1).executeTakeFirst();
}
