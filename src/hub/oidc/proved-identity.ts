/** Who somebody is by the word of the provider: its claims, bounded and read into what the hub needs. */
import { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';
import { parseAccountName } from '../accounts/account-name.ts';

export const provedIdentitySchema = z.object({
  /** The provider's address as it is set here. */
  issuer: z.string(),
  /** The provider's own name for them, which never changes and is never given to another. */
  subject: z.string(),
  email: z.string(),
  isEmailVerified: z.boolean(),
  /** What they are called at the provider, in any letters. */
  username: z.string(),
  fullName: z.string(),
  /** What the provider calls its own session, by which it ends the hub's; '' where it tells none. */
  sid: z.string().default(''),
  /** Null when the provider left them out because they are too many. */
  groups: z.array(z.string()).nullable(),
});

export type ProvedIdentity = z.output<typeof provedIdentitySchema>;

const maxGroups = 2000;
const text = (max: number) => z.string().max(max).catch('');

const claimsSchema = z.object({
  sub: z.string().min(1).max(255),
  email: text(254),
  email_verified: z.union([z.boolean(), z.stringbool()]).catch(false),
  preferred_username: text(254),
  nickname: text(254),
  name: text(100),
  sid: text(255),
});

/** @throws InvalidError when a claim that has to be there is not, or is out of bounds. */
export function readClaims(
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
  groupsClaim: string,
): ProvedIdentity {
  const result = claimsSchema.safeParse(claims);
  if (!result.success) throw new InvalidError('the provider’s ID token lacks what it has to hold');
  const { sub, email, email_verified, preferred_username, nickname, name, sid } = result.data;
  return {
    issuer,
    subject: sub,
    email: /^[^\s@]+@[^\s@]+$/.test(email) ? email : '',
    isEmailVerified: email_verified,
    username: preferred_username || nickname || email,
    fullName: name,
    sid,
    groups: readGroups(claims, groupsClaim),
  };
}

/** A provider that has none to tell leaves them out; one that has too many for a token says where else they are. */
function readGroups(claims: Readonly<Record<string, unknown>>, claim: string): string[] | null {
  const value = claims[claim];
  const elsewhere = z.record(z.string(), z.unknown()).safeParse(claims['_claim_names']);
  if (value === undefined && elsewhere.success && claim in elsewhere.data) return null;
  const groups = z
    .array(z.string().max(512))
    .max(maxGroups)
    .safeParse(Array.isArray(value) ? value : [value]);
  return groups.success ? groups.data : [];
}

/** The account name that they have at the provider, as far as it may be one here; `isExact` when nothing had to be changed. */
export function suggestedName({ username }: ProvedIdentity): {
  readonly name: string;
  readonly isExact: boolean;
} {
  const local = (username.split('@', 1)[0] ?? '').toLowerCase();
  if (isAccountName(local)) return { name: local, isExact: true };
  const name = local
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 30)
    .replaceAll(/^-|-$/g, '');
  return { name: isAccountName(name) ? name : '', isExact: false };
}

function isAccountName(text: string): boolean {
  try {
    return parseAccountName(text) === text;
  } catch (error) {
    if (error instanceof InvalidError) return false;
    throw error;
  }
}
