/** Organizations: accounts that nobody signs in to, which have repositories, members and teams. */
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { AccountName } from '../accounts/account-name.ts';
import { type Account, accountColumns, isTaken } from '../accounts/account-store.ts';
import type { HubDatabase } from '../db/database.ts';
import type { OrganizationRole } from '../db/schema.ts';

export interface NewOrganization {
  readonly name: AccountName;
  readonly fullName: string;
  readonly company: string;
  readonly location: string;
  /** The account that makes it. */
  readonly ownerId: number;
}

interface Slice {
  readonly limit: number;
  readonly offset: number;
}

export class OrganizationStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** @throws NotFoundError also for a person's account. */
  async get(name: string): Promise<Account> {
    const found = await this.#database.queries
      .selectFrom('accounts')
      .select(accountColumns)
      .where('name', '=', name)
      .where('kind', '=', 'organization')
      .executeTakeFirst();
    if (!found) throw new NotFoundError('object not found');
    return found;
  }

  /** Those that the account is a member of, by name. */
  async listOf(
    accountId: number,
    { limit, offset }: Slice,
  ): Promise<{
    count: number;
    organizations: readonly (Account & { readonly role: OrganizationRole })[];
  }> {
    const mine = this.#database.queries
      .selectFrom('accounts')
      .innerJoin('organization_members', 'organization_members.organization_id', 'accounts.id')
      .where('organization_members.account_id', '=', accountId);
    const organizations = await mine
      .select([...accountColumns.map((column) => `accounts.${column}` as const), 'organization_members.role'])
      .orderBy('accounts.name')
      .limit(limit)
      .offset(offset)
      .execute();
    const { count } = await mine
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { count, organizations };
  }

  /** With its maker as the first owner. @throws ConflictError when the name is taken. */
  create(organization: NewOrganization): Promise<Account> {
    return this.#database.transaction(async (transaction) => {
      if (await isTaken(transaction, organization.name)) {
        throw new ConflictError(`the name ${organization.name} is already taken`);
      }
      const created = await transaction
        .insertInto('accounts')
        .values({
          name: organization.name,
          kind: 'organization',
          email: '',
          // No password has this hash.
          password_hash: '',
          is_admin: 0,
          full_name: organization.fullName,
          location: organization.location,
          company: organization.company,
          created_at: Date.now(),
        })
        .returning(accountColumns)
        .executeTakeFirstOrThrow();
      const owner = { account_id: organization.ownerId, role: 'owner', created_at: Date.now() } as const;
      await transaction
        .insertInto('organization_members')
        .values({ organization_id: created.id, ...owner })
        .execute();
      return created;
    });
  }

  /** With its teams; its members stay as people. @throws ConflictError while it has repositories. */
  delete({ id, name }: Pick<Account, 'id' | 'name'>): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const repository = await transaction
        .selectFrom('repositories')
        .select('name')
        .where('namespace', '=', name)
        .where('is_pending', '=', 0)
        .limit(1)
        .executeTakeFirst();
      if (repository) {
        throw new ConflictError(
          `${name} still has repositories, ${name}/${repository.name} for one: delete them first`,
        );
      }
      await transaction.deleteFrom('accounts').where('id', '=', id).execute();
    });
  }
}
