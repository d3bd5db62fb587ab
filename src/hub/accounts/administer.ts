/** `cais hub user …`: accounts from the shell of the machine, also while the hub serves. What keeps somebody out is repaired here. */
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { Account, AccountStore, ListedAccount } from './account-store.ts';
import type { InvitationStore } from './invitation-store.ts';
import { checkPassword, hashPassword } from './password.ts';
import type { SecondFactorStore } from './second-factor-store.ts';
import type { SessionStore } from './session-store.ts';
import { checkEmail, FieldsError, type SignUp, signUp } from './sign-up.ts';

/** @throws InvalidError telling everything that is wrong with the input, in one line. */
export async function addUser(accounts: AccountStore, request: SignUp): Promise<Account> {
  try {
    return await signUp(accounts, request);
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
export async function setPassword(accounts: AccountStore, name: string, password: string): Promise<void> {
  await accounts.setPasswordHash(name, await hashPassword(checkPassword(password)));
}

/** @throws NotFoundError, ConflictError while it is the only owner of an organization. */
export function removeUser(accounts: AccountStore, name: string): Promise<void> {
  return accounts.remove(name);
}

/** @throws NotFoundError */
export function setAdministrator(accounts: AccountStore, name: string, isAdmin: boolean): Promise<void> {
  return accounts.setAdministrator(name, isAdmin);
}

/** Switches an account off or on; what it owns stays. @throws NotFoundError */
export function setActive(accounts: AccountStore, name: string, isActive: boolean): Promise<void> {
  return accounts.setActive(name, isActive);
}

/** For who lost the app and the recovery codes: the password alone is enough again. @throws NotFoundError */
export async function turnOffSecondFactor(
  parts: { readonly accounts: AccountStore; readonly secondFactors: SecondFactorStore },
  name: string,
): Promise<void> {
  await parts.secondFactors.turnOff((await getPerson(parts.accounts, name)).id);
}

/** Ends all sessions and refresh tokens; access tokens stay. @throws NotFoundError */
export async function signOut(
  parts: { readonly accounts: AccountStore; readonly sessions: SessionStore },
  name: string,
): Promise<void> {
  await parts.sessions.endOthers((await getPerson(parts.accounts, name)).id);
}

/** An invitation's secret, for one sign-up within a week. @param email the only address that may; undefined: any. */
export async function invite(invitations: InvitationStore, email: string | undefined): Promise<string> {
  const address = email === undefined ? '' : checkEmail(email).toLowerCase();
  return (await invitations.create(address, undefined)).secret;
}

async function getPerson(accounts: AccountStore, name: string): Promise<Account> {
  const account = await accounts.findByName(name);
  if (account?.kind !== 'user') throw new NotFoundError(`no such account: ${name}`);
  return account;
}
