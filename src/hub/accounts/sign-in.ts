/**
 * Name and secret to account: the one place where passwords and access tokens are checked, for pages, API, search and token
 * service.
 */
import { UnauthorizedError } from '../../lib/errors.ts';
import type { Identity } from '../auth/actors.ts';
import type { Events } from '../events.ts';
import { looksLikeAccountName } from './account-name.ts';
import { type AccessToken, type AccessTokenStore, looksLikeAccessToken } from './access-token-store.ts';
import type { Account, AccountStore, Credentials as StoredCredentials } from './account-store.ts';
import type { PasswordVerifier } from './password.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface SignInParts {
  readonly accounts: AccountStore;
  readonly accessTokens: AccessTokenStore;
  readonly passwords: PasswordVerifier;
  readonly signInLimit: SignInLimit;
  readonly events: Events;
  /** False where people sign in by a provider only; access tokens work all the same. */
  readonly takesPasswords: boolean;
}

export interface Credentials {
  readonly username: string;
  /** A password, or an access token. */
  readonly password: string;
}

/** In place of what is no name; no account can have it. */
const noName = '(no name)';

/** Where there is nobody to ask for the second factor. Says so only to who knows the password. */
const useToken =
  'this account has two-factor authentication: use an access token instead of the password (Account settings, Access tokens)';
const noPasswords =
  'nobody signs in by a password here: sign in on the page, and give tools an access token (Account settings, Access tokens)';

/**
 * The account whose password or access token this is, where that is enough.
 * @param address of the client, for the limit.
 * @throws UnauthorizedError the same for an unknown name and a wrong password; also when a second factor is wanted.
 * @throws TooManyRequestsError
 */
export async function signIn(
  parts: SignInParts,
  credentials: Credentials,
  address: string,
): Promise<Identity> {
  const { identity, needsSecondFactor } = await checkCredentials(parts, credentials, address);
  if (!needsSecondFactor) return identity;
  parts.events.report({ kind: 'sign-in-failed', account: identity.account.name, address });
  throw new UnauthorizedError(useToken);
}

/** As `signIn`, for who can be asked for the second factor next. @throws UnauthorizedError, TooManyRequestsError */
export async function checkCredentials(
  parts: SignInParts,
  credentials: Credentials,
  address: string,
): Promise<{ readonly identity: Identity; readonly needsSecondFactor: boolean }> {
  const { username, password } = credentials;
  if (looksLikeAccessToken(password)) {
    const name = nameOf(username);
    const identity = await byAccessToken(parts, name, password, address);
    return identity ? { identity, needsSecondFactor: false } : refuse(parts, name, address);
  }
  if (!parts.takesPasswords) throw new UnauthorizedError(noPasswords);
  const { account, needsSecondFactor } = await provePassword(parts, credentials, address);
  return { identity: { account, accessToken: undefined }, needsSecondFactor };
}

/** The account whose password this is, also where nobody signs in by one. @throws UnauthorizedError, TooManyRequestsError */
export async function provePassword(
  { accounts, passwords, signInLimit, events }: SignInParts,
  { username, password }: Credentials,
  address: string,
): Promise<{ readonly account: Account; readonly needsSecondFactor: boolean }> {
  const name = nameOf(username);
  let found: StoredCredentials | undefined;
  const isRight = await signInLimit.attempt(name, address, async () => {
    found = await accounts.findCredentials(name);
    return passwords.verify(password, found?.passwordHash);
  });
  if (!isRight || !found) return refuse({ events }, name, address);
  return { account: found.account, needsSecondFactor: found.totpSecret !== null };
}

/** What cannot be a name is nobody's: it is not kept, however long, and not logged. It may be a password in the wrong field. */
function nameOf(username: string): string {
  const typed = username.trim().toLowerCase();
  return looksLikeAccountName(typed) ? typed : noName;
}

function refuse({ events }: Pick<SignInParts, 'events'>, account: string, address: string): never {
  events.report({ kind: 'sign-in-failed', account, address });
  throw new UnauthorizedError('incorrect username or password');
}

async function byAccessToken(
  { accounts, accessTokens, signInLimit }: SignInParts,
  name: string,
  secret: string,
  address: string,
): Promise<Identity | undefined> {
  let accessToken: AccessToken | undefined;
  const account = await accounts.findByName(name);
  const isRight = await signInLimit.attempt(
    name,
    address,
    async () => {
      accessToken = await accessTokens.findBySecret(secret);
      return account?.is_active === 1 && accessToken?.account_id === account.id;
    },
    true,
  );
  if (!isRight || !account || !accessToken) return undefined;
  await accessTokens.touch(accessToken);
  return { account, accessToken };
}
