/** Name and password to account: the one place where passwords are checked, for pages, API and token service. */
import { UnauthorizedError } from '../../lib/errors.ts';
import type { Events } from '../events.ts';
import type { Account, AccountStore } from './account-store.ts';
import type { PasswordVerifier } from './password.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface SignInParts {
  readonly accounts: AccountStore;
  readonly passwords: PasswordVerifier;
  readonly signInLimit: SignInLimit;
  readonly events: Events;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * @param address of the client, for the limit.
 * @throws UnauthorizedError the same for an unknown name and a wrong password.
 * @throws TooManyTriesError
 */
export async function signIn(
  { accounts, passwords, signInLimit, events }: SignInParts,
  { username, password }: Credentials,
  address: string,
): Promise<Account> {
  const name = username.trim().toLowerCase();
  let account: Awaited<ReturnType<AccountStore['findCredentials']>>;
  const isRight = await signInLimit.attempt(name, address, async () => {
    account = await accounts.findCredentials(name);
    return passwords.verify(password, account?.password_hash);
  });
  if (!isRight || !account) {
    events.report({ kind: 'sign-in-failed', account: name, address });
    throw new UnauthorizedError('incorrect username or password');
  }
  const { password_hash: _, ...known } = account;
  return known;
}
