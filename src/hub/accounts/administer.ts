/** `cais hub user …`: accounts from the shell of the machine, also while the hub serves. */
import { InvalidError } from '../../lib/errors.ts';
import type { Account, AccountStore } from './account-store.ts';
import { checkPassword, hashPassword } from './password.ts';
import { FieldsError, type SignUp, signUp } from './sign-up.ts';

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

export function listUsers(accounts: AccountStore): Promise<readonly Account[]> {
  return accounts.list();
}

/** Sets a new password and ends the account's sessions. @throws NotFoundError, InvalidError */
export async function setPassword(accounts: AccountStore, name: string, password: string): Promise<void> {
  await accounts.setPasswordHash(name, await hashPassword(checkPassword(password)));
}

/** @throws NotFoundError */
export function removeUser(accounts: AccountStore, name: string): Promise<void> {
  return accounts.remove(name);
}
