/** What the provider sends to the hub itself, past all browsers: that a session has ended there. */
import type { SessionStore } from '../accounts/session-store.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import { apiErrorResponse, isApiFault } from '../api/errors.ts';
import { readBounded } from '../bounded-body.ts';
import type { Changes } from '../changes.ts';
import type { Events } from '../events.ts';
import {
  InvalidError,
  messageOf,
  NotFoundError,
  UnavailableError,
  UnsupportedError,
} from '../../lib/errors.ts';
import type { IdentityStore } from './identity-store.ts';
import type { Provider } from './provider.ts';
import { ProviderSignInError } from './provider-error.ts';

export interface BackChannelParts {
  readonly provider: Provider | undefined;
  readonly identities: IdentityStore;
  readonly sessions: SessionStore;
  readonly accounts: AccountStore;
  readonly changes: Changes;
  readonly events: Events;
}

const maxBody = 64 * 1024;

/** Ends what the logout token of the request names. Idempotent. Throws only what is the hub's own fault. */
export async function handleBackChannel(
  parts: BackChannelParts,
  request: Request,
  address: string,
): Promise<Response> {
  try {
    if (!parts.provider) throw new NotFoundError('this hub has no provider to sign in by');
    if (request.method !== 'POST') throw new UnsupportedError('a logout token is sent by POST');
    await endSessionsOf(parts, parts.provider, await tokenIn(request));
    return new Response(null, { headers: { 'Cache-Control': 'no-store' } });
  } catch (error) {
    if (error instanceof ProviderSignInError) {
      parts.events.report({ kind: 'provider-sign-out-failed', detail: error.message, address });
      return apiErrorResponse(new UnavailableError('the provider does not answer', { cause: error }));
    }
    if (isApiFault(error)) throw error;
    parts.events.report({ kind: 'provider-sign-out-failed', detail: messageOf(error), address });
    return apiErrorResponse(error);
  }
}

async function tokenIn(request: Request): Promise<string> {
  const bytes = await readBounded(request, maxBody);
  const token = bytes && new URLSearchParams(bytes.toString('utf8')).get('logout_token');
  if (!token) throw new InvalidError('a form with a logout_token is expected');
  return token;
}

async function endSessionsOf(parts: BackChannelParts, provider: Provider, token: string): Promise<void> {
  const { identities, sessions, accounts, changes } = parts;
  const { subject, sid, before } = await provider.readLogout(token);
  const accountId = subject === '' ? undefined : await identities.find(provider.config.issuer.href, subject);
  if (subject !== '' && accountId === undefined) return;
  await changes.make(
    async () => {
      const ended = await sessions.endOfProvider({ accountId, sid, before });
      return await Promise.all(ended.map(async (id) => await accounts.find(id)));
    },
    (found) =>
      found.flatMap((account) =>
        account ? [{ kind: 'signed-out', account: account.name, sessions: 'provider' } as const] : [],
      ),
  );
}
