/** From what a request proves (an account, perhaps by an access token) to the actor that the policy is asked about. */
import { type AccessToken, type AccessTokenStore, limitsOf } from '../accounts/access-token-store.ts';
import type { Account, AccountStore } from '../accounts/account-store.ts';
import { type Actor, anonymous } from './policy.ts';

export interface ActorParts {
  readonly accounts: AccountStore;
  readonly accessTokens: AccessTokenStore;
}

/** Who was proved, as a registry token or a session remembers it. */
export interface Proof {
  readonly accountId: number;
  /** The access token that was given instead of a password. */
  readonly accessTokenId: number | undefined;
}

/** Who was proved, as it is now. */
export interface Identity {
  readonly account: Account;
  readonly accessToken: AccessToken | undefined;
}

/** Undefined when the account is gone or switched off, or its access token was taken away. */
export async function identityOf(
  { accounts, accessTokens }: ActorParts,
  { accountId, accessTokenId }: Proof,
): Promise<Identity | undefined> {
  const account = await accounts.find(accountId);
  const accessToken = accessTokenId === undefined ? undefined : await accessTokens.findWorking(accessTokenId);
  if (account?.is_active !== 1 || (accessTokenId !== undefined && accessToken?.account_id !== account.id))
    return undefined;
  return { account, accessToken };
}

export function actorOf(identity: Identity | undefined): Actor {
  if (!identity) return anonymous;
  const { id, name, is_admin: isAdmin } = identity.account;
  const actor = { kind: 'account', id, name, isAdmin: isAdmin === 1 } as const;
  return identity.accessToken ? { ...actor, limits: limitsOf(identity.accessToken) } : actor;
}
