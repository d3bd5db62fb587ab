/** From rows of accounts and what belongs to them to the shapes of hub-api/schemas. */
import type { z } from 'zod';
import type { accessTokenSchema, tokenScopes } from '../../hub-api/schemas/access-tokens.ts';
import type { administeredUserSchema } from '../../hub-api/schemas/administration.ts';
import type { sessionListSchema } from '../../hub-api/schemas/sessions.ts';
import type { PublicUser, User } from '../../hub-api/types.ts';
import type { AccessToken } from '../accounts/access-token-store.ts';
import type { Account, ListedAccount } from '../accounts/account-store.ts';
import type { Invitation } from '../accounts/invitation-store.ts';
import type { ListedSession, Session } from '../accounts/session-store.ts';
import { limitsOf } from '../accounts/access-token-store.ts';
import { optionalTime, timeOf } from './present.ts';

export function presentPublicUser(account: Account): PublicUser {
  return {
    id: String(account.id),
    username: account.name,
    full_name: account.full_name,
    location: account.location,
    company: account.company,
    profile_url: '',
    gravatar_url: '',
    date_joined: timeOf(account.created_at),
    type: account.kind === 'user' ? 'User' : 'Organization',
  };
}

export function presentUser(account: Account): User {
  const isAdmin = account.is_admin === 1;
  return { ...presentPublicUser(account), email: account.email, is_admin: isAdmin, is_staff: isAdmin };
}

export function presentAdministeredUser(account: ListedAccount): z.output<typeof administeredUserSchema> {
  return {
    ...presentPublicUser(account),
    email: account.email,
    is_admin: account.is_admin === 1,
    is_active: account.is_active === 1,
    has_second_factor: account.has_second_factor === 1,
    last_seen: optionalTime(account.last_seen_at),
  };
}

export function presentSession(
  session: ListedSession,
  current: Session | undefined,
): z.output<typeof sessionListSchema>['results'][number] {
  return {
    id: session.id,
    kind: session.purpose === 'refresh' ? 'refresh' : 'session',
    is_current: session.id === current?.id,
    by_access_token: session.access_token_id !== null,
    user_agent: session.user_agent,
    address: session.address,
    created_at: timeOf(session.created_at),
    last_used_at: optionalTime(session.last_used_at),
    expires_at: timeOf(session.expires_at),
  };
}

/** @param secret only for who made it, at that moment. */
export function presentAccessToken(token: AccessToken, secret = ''): z.output<typeof accessTokenSchema> {
  const { repositories } = limitsOf(token);
  return {
    uuid: token.uuid,
    client_id: 'HUB',
    creator_ip: token.creator_address,
    creator_ua: token.creator_agent,
    created_at: timeOf(token.created_at),
    last_used: optionalTime(token.last_used_at),
    generated_by: 'manual',
    is_active: token.is_active === 1,
    token: secret,
    token_label: token.label,
    scopes: [`repo:${token.scope}` satisfies (typeof tokenScopes)[number]],
    repositories: repositories ? [...repositories] : null,
    expires_at: optionalTime(token.expires_at),
  };
}

export function presentInvitation({ uuid, email, ...times }: Invitation): {
  id: string;
  invitee: string;
  created_at: string;
  expires_at: string;
} {
  return {
    id: uuid,
    invitee: email,
    created_at: timeOf(times.created_at),
    expires_at: timeOf(times.expires_at),
  };
}
