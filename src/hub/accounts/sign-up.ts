/** A new account, from the page, the API or the shell. */
import type { Changes } from '../changes.ts';
import { ConflictError, InvalidError } from '../../lib/errors.ts';
import { parseAccountName } from './account-name.ts';
import type { Account, AccountStore } from './account-store.ts';
import { checkPassword, hashPassword } from './password.ts';

export interface SignUp {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly isAdmin?: boolean;
  readonly invitation?: string | undefined;
}

/** Input that is refused, with a message for each field. */
export class FieldsError extends InvalidError {
  readonly fields: Readonly<Record<string, readonly string[]>>;

  constructor(fields: Readonly<Record<string, readonly string[]>>) {
    super(Object.values(fields).flat().join('; '));
    this.fields = fields;
  }
}

const emailPattern = /^[^\s@]+@[^\s@]+$/;
const maxEmailLength = 254;

export interface SignUpParts {
  readonly accounts: AccountStore;
  readonly changes: Changes;
}

/** @throws FieldsError naming every field that is wrong. */
export async function signUp({ accounts, changes }: SignUpParts, request: SignUp): Promise<Account> {
  const fields: Record<string, string[]> = {};
  const name = collect(fields, 'username', () => parseAccountName(request.username));
  const email = collect(fields, 'email', () => checkEmail(request.email));
  const password = collect(fields, 'password', () => checkPassword(request.password));
  if (name === undefined || email === undefined || password === undefined) throw new FieldsError(fields);
  try {
    const passwordHash = await hashPassword(password);
    const { isAdmin = false, invitation } = request;
    return await changes.make(() => accounts.create({ name, email, passwordHash, isAdmin, invitation }), {
      kind: 'account-created',
      account: name,
    });
  } catch (error) {
    if (error instanceof ConflictError) throw new FieldsError({ username: [error.message] });
    throw error;
  }
}

export function checkEmail(text: string): string {
  const email = text.trim();
  if (email.length > maxEmailLength || !emailPattern.test(email)) {
    throw new InvalidError('this is not an email address');
  }
  return email;
}

function collect<T>(fields: Record<string, string[]>, field: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    fields[field] = [error.message];
    return undefined;
  }
}
