/** `cais hub user …`: accounts from the shell of the machine, also while the hub serves. What keeps somebody out is repaired here. */
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { Changes } from '../changes.ts';
import type { HubEvent } from '../events.ts';
import type { Account, AccountStore, ListedAccount } from './account-store.ts';
import type { InvitationStore } from './invitation-store.ts';
import { checkPassword, hashPassword } from './password.ts';
import type { SecondFactorStore } from './second-factor-store.ts';
import type { SessionStore } from './session-store.ts';
import { checkEmail, FieldsError, type SignUp, signUp } from './sign-up.ts';

export interface AdministerParts {
  readonly accounts: AccountStore;
  readonly changes: Changes;
}

/** @throws InvalidError telling everything that is wrong with the input, in one line. */
export async function addUser(parts: AdministerParts, request: SignUp): Promise<Account> {
  try {
    return await signUp(parts, request);
  } catch (error) {
    if (error instanceof FieldsError)
      throw new InvalidError(`cannot add user: ${error.message}`, { cause: error });
    throw error;
  }
}

export function listUsers(accounts: AccountStore): Promise<readonly ListedAccount[]> {
  return accounts.list();
}

/** Sets a new password and ends the account's sessions. @throws NotFoundError, InvalidError */
export async function setPassword(
  { accounts, changes }: AdministerParts,
  name: string,
  password: string,
): Promise<void> {
  const hash = await hashPassword(checkPassword(password));
  await changes.make(() => accounts.setPasswordHash(name, hash), { kind: 'password-changed', account: name });
}

/** @throws NotFoundError, ConflictError while it is the only owner of an organization. */
export function removeUser({ accounts, changes }: AdministerParts, name: string): Promise<void> {
  return changes.make(() => accounts.remove(name), { kind: 'account-removed', account: name });
}

/** @throws NotFoundError */
export function setAdministrator(
  { accounts, changes }: AdministerParts,
  name: string,
  isAdmin: boolean,
): Promise<void> {
  const told = administered(name, isAdmin ? 'promoted' : 'demoted');
  return changes.make(() => accounts.setAdministrator(name, isAdmin), told);
}

/** Switches an account off or on; what it owns stays. @throws NotFoundError */
export function setActive(
  { accounts, changes }: AdministerParts,
  name: string,
  isActive: boolean,
): Promise<void> {
  const told = administered(name, isActive ? 'switched_on' : 'switched_off');
  return changes.make(() => accounts.setActive(name, isActive), told);
}

/** For who lost the app and the recovery codes: the password alone is enough again. @throws NotFoundError */
export async function turnOffSecondFactor(
  parts: AdministerParts & { readonly secondFactors: SecondFactorStore },
  name: string,
): Promise<void> {
  const { id } = await getPerson(parts.accounts, name);
  await parts.changes.make(() => parts.secondFactors.turnOff(id), administered(name, 'second_factor_off'));
}

/** Ends all sessions and refresh tokens; access tokens stay. @throws NotFoundError */
export async function signOut(
  parts: AdministerParts & { readonly sessions: SessionStore },
  name: string,
): Promise<void> {
  const { id } = await getPerson(parts.accounts, name);
  await parts.changes.make(() => parts.sessions.endOthers(id), administered(name, 'signed_out'));
}

/** An invitation's secret, for one sign-up within a week. @param email the only address that may; undefined: any. */
export async function invite(
  { invitations, changes }: { readonly invitations: InvitationStore; readonly changes: Changes },
  email: string | undefined,
): Promise<string> {
  const address = email === undefined ? '' : checkEmail(email).toLowerCase();
  const { secret } = await changes.make(
    () => invitations.create(address, undefined),
    ({ invitation }) => [{ kind: 'invitation-changed', invitation: invitation.uuid, change: 'created' }],
  );
  return secret;
}

type Administered = Extract<HubEvent, { readonly kind: 'account-administered' }>;

function administered(account: string, change: Administered['change']): Administered {
  return { kind: 'account-administered', account, change };
}

async function getPerson(accounts: AccountStore, name: string): Promise<Account> {
  const account = await accounts.findByName(name);
  if (account?.kind !== 'user') throw new NotFoundError(`no such account: ${name}`);
  return account;
}
