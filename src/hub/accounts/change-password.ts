/** A new password: by its owner, who knows the old one; or by a one-time secret that an administrator gave. */
import { NotFoundError, UnauthorizedError } from '../../lib/errors.ts';
import type { Changes } from '../changes.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Account, AccountStore } from './account-store.ts';
import { checkPassword, hashPassword, type PasswordVerifier } from './password.ts';
import { FieldsError } from './sign-up.ts';
import { endSessions, lifetimes, type SessionStore, spend } from './session-store.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface PasswordParts {
  readonly accounts: AccountStore;
  readonly changes: Changes;
  readonly passwords: PasswordVerifier;
  readonly signInLimit: SignInLimit;
}

/**
 * Ends every other session and refresh token of the account.
 * @throws FieldsError naming what is wrong, TooManyRequestsError
 */
export async function changePassword(
  parts: PasswordParts,
  account: Account,
  change: { readonly old: string; readonly new: string },
  from: { readonly address: string; readonly sessionId: number | undefined },
): Promise<void> {
  await checkPasswordOf(parts, account, 'old_password', change.old, from.address);
  const hash = await hashPassword(checkedAs('new_password', change.new));
  await parts.changes.make(() => parts.accounts.setPasswordHash(account.name, hash, from.sessionId), {
    kind: 'password-changed',
    account: account.name,
  });
}

/** Asks for the password once more, of who is signed in. @throws FieldsError naming the field, TooManyRequestsError */
export async function checkPasswordOf(
  { accounts, passwords, signInLimit }: PasswordParts,
  account: Account,
  field: string,
  password: string,
  address: string,
): Promise<void> {
  const known = await accounts.findCredentials(account.name);
  const isRight = await signInLimit.attempt(account.name, address, () =>
    passwords.verify(password, known?.passwordHash),
  );
  if (!isRight) throw new FieldsError({ [field]: ['this is not your present password'] });
}

/** A secret for whoever forgot the password, good for one day and once. @throws NotFoundError */
export async function createPasswordReset(
  {
    accounts,
    sessions,
    changes,
  }: { readonly accounts: AccountStore; readonly sessions: SessionStore; readonly changes: Changes },
  name: string,
): Promise<{ readonly secret: string; readonly expiresAt: number }> {
  const account = await accounts.findByName(name);
  if (!account || account.kind !== 'user') throw new NotFoundError(`no such account: ${name}`);
  const purpose = 'password-reset';
  const secret = await changes.make(
    () => sessions.create({ accountId: account.id, purpose, address: '', userAgent: '' }),
    { kind: 'password-reset-created', account: account.name },
  );
  return { secret, expiresAt: Date.now() + lifetimes[purpose] };
}

/** Ends all sessions and refresh tokens of the account. @throws UnauthorizedError, FieldsError */
export async function resetPassword(
  {
    database,
    sessions,
    changes,
  }: { readonly database: HubDatabase; readonly sessions: SessionStore; readonly changes: Changes },
  secret: string,
  password: string,
): Promise<void> {
  const checked = checkedAs('password', password);
  // Hashing is dear: nobody has it done with a secret that they made up.
  if (!(await sessions.find(secret, 'password-reset'))) throw spentReset();
  const hash = await hashPassword(checked);
  await database.transaction(async (transaction) => {
    const spent = await spend(transaction, secret, 'password-reset');
    if (!spent) throw spentReset();
    const { account_id: id } = spent;
    const { name } = await transaction
      .updateTable('accounts')
      .set({ password_hash: hash })
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirstOrThrow();
    await endSessions(transaction, id);
    await changes.record({ kind: 'password-changed', account: name });
  });
}

function spentReset(): UnauthorizedError {
  return new UnauthorizedError('this reset was used or has expired: ask for a new one');
}

function checkedAs(field: string, password: string): string {
  try {
    return checkPassword(password);
  } catch (error) {
    throw new FieldsError({ [field]: [error instanceof Error ? error.message : String(error)] });
  }
}
