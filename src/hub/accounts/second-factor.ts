/**
 * The second factor: codes by time from an authenticator app (RFC 6238), and recovery codes for the day when it is lost.
 * https://www.rfc-editor.org/rfc/rfc6238
 */
import { Secret, TOTP } from 'otpauth';
import { ConflictError } from '../../lib/errors.ts';
import type { Changes } from '../changes.ts';
import type { Account } from './account-store.ts';
import type { SecondFactorStore } from './second-factor-store.ts';
import { hashOf } from './secret.ts';
import { FieldsError } from './sign-up.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface SecondFactorParts {
  readonly secondFactors: SecondFactorStore;
  readonly signInLimit: SignInLimit;
  readonly changes: Changes;
}

/** In seconds; what every app takes for granted. */
const period = 30;
const recoveryCodes = 10;
export const wrongCodeText = 'this code is wrong, or was used before';
/** Digits that one has to type: those of the time before and after are right as well, clocks differ. */
const clockSteps = 1;

/** What an app is given: the secret to type, and the address in a QR code. It counts only after `confirmSecondFactor`. */
export async function beginSecondFactor(
  { secondFactors }: SecondFactorParts,
  account: Account,
  host: string,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const secret = new Secret({ size: 20 }).base32;
  await secondFactors.begin(account.id, secret);
  return { secret, uri: totp(secret, account.name, host).toString() };
}

/** The first code shows that the app has the secret: from here on the password alone is not enough. Returns recovery codes. */
export async function confirmSecondFactor(
  parts: SecondFactorParts,
  account: Account,
  code: string,
  keptSessionId: number | undefined,
): Promise<readonly string[]> {
  const { pending } = await parts.secondFactors.secrets(account.id);
  if (pending === null) throw new ConflictError('there is no two-factor setup to confirm: begin one first');
  let step: number | undefined;
  const isRight = await limited(parts, account, async () => (step = stepOf(pending, code)) !== undefined);
  if (!isRight || step === undefined) throw wrongCode();
  const codes = newRecoveryCodes();
  const taken = step;
  await parts.changes.make(
    () => parts.secondFactors.turnOn(account.id, pending, taken, codes.map(hashOf), keptSessionId),
    { kind: 'second-factor-changed', account: account.name, change: 'on' },
  );
  return codes;
}

/** New ones; the old ones work no more. @throws FieldsError, TooManyRequestsError */
export async function renewRecoveryCodes(
  parts: SecondFactorParts,
  account: Account,
  code: string,
): Promise<readonly string[]> {
  await requireSecondFactor(parts, account, code);
  const codes = newRecoveryCodes();
  await parts.changes.make(() => parts.secondFactors.replaceRecoveryCodes(account.id, codes.map(hashOf)), {
    kind: 'second-factor-changed',
    account: account.name,
    change: 'recovery_codes',
  });
  return codes;
}

/** Of who is signed in. @throws FieldsError for a wrong code, TooManyRequestsError */
export async function requireSecondFactor(
  parts: SecondFactorParts,
  account: Account,
  code: string,
): Promise<void> {
  if (!(await takeSecondFactor(parts, account, code))) throw wrongCode();
}

/** Takes a code of the app, or a recovery code; either works once. @throws TooManyRequestsError */
export async function takeSecondFactor(
  parts: SecondFactorParts,
  account: Account,
  code: string,
): Promise<boolean> {
  const { secondFactors } = parts;
  const { secret } = await secondFactors.secrets(account.id);
  return limited(parts, account, async () => {
    if (secret === null) return false;
    const step = stepOf(secret, code);
    if (step !== undefined) return secondFactors.takeStep(account.id, step);
    return secondFactors.takeRecoveryCode(account.id, hashOf(normalized(code)));
  });
}

/** Wherever guesses come from, an account has ten in five minutes: who guesses here knows its password. */
function limited(
  { signInLimit }: SecondFactorParts,
  { name }: Account,
  verify: () => Promise<boolean>,
): Promise<boolean> {
  return signInLimit.attempt(name, `second factor of ${name}`, verify, true);
}

/** The time step whose code this is. */
function stepOf(secret: string, code: string): number | undefined {
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totp(secret).validate({ token, window: clockSteps });
  return delta === null ? undefined : TOTP.counter({ period }) + delta;
}

function totp(secret: string, label = '', host = ''): TOTP {
  return new TOTP({ secret: Secret.fromBase32(secret), label, issuer: host, period, digits: 6 });
}

/** Eighty bits each: nobody guesses them, also not from their hashes. */
function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: recoveryCodes }, () => {
    const letters = new Secret({ size: 10 }).base32.toLowerCase();
    return (letters.match(/.{4}/g) ?? []).join('-');
  });
}

function normalized(code: string): string {
  return code.trim().toLowerCase();
}

function wrongCode(): FieldsError {
  return new FieldsError({ code: [wrongCodeText] });
}
