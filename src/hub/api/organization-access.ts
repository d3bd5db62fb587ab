/** From an organization's name in an address to one that the caller may look into or manage. */
import { z } from 'zod';
import { DeniedError, NotFoundError } from '../../lib/errors.ts';
import type { Account, AccountStore } from '../accounts/account-store.ts';
import { isAllowedIn, type OrganizationAction } from '../auth/policy.ts';
import type { OrganizationRole } from '../db/schema.ts';
import type { MemberStore } from '../organizations/member-store.ts';
import type { OrganizationStore } from '../organizations/organization-store.ts';
import { type Caller, requirePerson } from './call.ts';

export const organizationParams = z.object({ org: z.string() });

interface OrganizationCall extends Caller {
  readonly params: { readonly org: string };
}

export interface OrganizationAdmission {
  readonly organization: Account;
  /** Who asks, and their role. */
  readonly account: Account;
  readonly role: OrganizationRole;
}

/** @throws UnauthorizedError, DeniedError, NotFoundError when there is no such organization. */
export async function authorizeIn(
  parts: { readonly organizations: OrganizationStore; readonly members: MemberStore },
  call: OrganizationCall,
  action: OrganizationAction,
): Promise<OrganizationAdmission> {
  const account = requirePerson(call);
  const organization = await parts.organizations.get(call.params.org);
  const role = await parts.members.roleOf(organization.id, account.id);
  if (role !== undefined && isAllowedIn(call.actor, action, role)) return { organization, account, role };
  throw new DeniedError(
    role === undefined
      ? 'only members of the organization may do this'
      : 'only owners of the organization may do this',
  );
}

/** What the caller is to it; undefined for who may not look inside. */
export async function roleIn(
  { members }: { readonly members: MemberStore },
  { account, actor }: Caller,
  organization: Account,
): Promise<OrganizationRole | undefined> {
  if (!account) return undefined;
  const role = await members.roleOf(organization.id, account.id);
  return isAllowedIn(actor, 'look', role) ? role : undefined;
}

/** Somebody who may be given rights. @throws NotFoundError also for an organization. */
export async function getPerson(
  { accounts }: { readonly accounts: AccountStore },
  name: string,
): Promise<Account> {
  const account = await accounts.findByName(name);
  if (account?.kind !== 'user') throw new NotFoundError(`there is no account ${name}`);
  return account;
}
