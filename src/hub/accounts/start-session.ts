/** Lets somebody in who has proved who they are: a session with a new secret, whatever the browser had before. */
import type { Identity } from '../auth/actors.ts';
import type { Changes } from '../changes.ts';
import { cookieHeader } from '../cookies.ts';
import { identified } from '../request-context.ts';
import { lifetimes, type NewSession, type SessionStore } from './session-store.ts';

export const sessionCookie = 'cais_session';

/** Where a request came from. */
export interface RequestSource {
  readonly request: Request;
  /** Of the client. */
  readonly address: string;
}

export interface StartParts {
  readonly sessions: SessionStore;
  readonly changes: Changes;
  readonly originOf: (request: Request) => string;
}

/** @param by what let them in, where that matters at the end of the session. @returns its secret, also as `Set-Cookie`. */
export async function startSession(
  parts: StartParts,
  from: RequestSource,
  identity: Identity,
  by: Pick<NewSession, 'service' | 'providerSid'> = {},
): Promise<{ readonly token: string; readonly cookie: string }> {
  identified(identity);
  const token = await parts.changes.make(
    () => parts.sessions.create({ ...holder(from, identity), purpose: 'session', ...by }),
    { kind: 'signed-in', account: identity.account.name, address: from.address },
  );
  const isSecure = parts.originOf(from.request).startsWith('https:');
  return { token, cookie: cookieHeader(sessionCookie, token, lifetimes.session / 1000, isSecure) };
}

/** Whom a session is of, and where it was begun. */
export function holder(
  { request, address }: RequestSource,
  { account, accessToken }: Identity,
): Omit<NewSession, 'purpose'> {
  const userAgent = request.headers.get('User-Agent') ?? '';
  return { accountId: account.id, accessTokenId: accessToken?.id, address, userAgent };
}
