/** What a browser is led through: to the provider, and back from it. It is told nothing that a provider, or a link, made up. */
import {
  finishSignInPath,
  providerCallbackPath,
  providerSignInPath,
  safeReturn,
} from '../../hub-api/sign-in-address.ts';
import { NotFoundError, UnsupportedError } from '../../lib/errors.ts';
import { providerService } from '../accounts/session-store.ts';
import { sessionCookie, startSession, type StartParts } from '../accounts/start-session.ts';
import { apiErrorResponse, isApiFault } from '../api/errors.ts';
import { cookieHeader, readCookie } from '../cookies.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import { ProviderSignInError } from './provider-error.ts';
import { comeBack, goToProvider, type ProviderParts, type Purpose } from './sign-in-by-provider.ts';
import { type AskedStep, stepLifetime } from './step-store.ts';

export const stepCookie = 'cais_sign_in';

export interface NavigationParts extends ProviderParts, StartParts {
  readonly limits: RequestLimits;
}

const maxInvitation = 256;

type PerhapsByProvider<Parts extends { provider: unknown }> = Omit<Parts, 'provider'> & {
  readonly provider: Parts['provider'] | undefined;
};

/** @throws NotFoundError where the hub has none. */
export function requireProvider<Parts extends PerhapsByProvider<NavigationParts>>(
  parts: Parts,
): Parts & NavigationParts {
  const { provider } = parts;
  if (!provider) throw new NotFoundError('this hub has no provider to sign in by');
  return { ...parts, provider };
}

/** Answers the addresses that browsers are sent to. Throws only what is the hub's own fault. @param address of the client. */
export async function handleNavigation(
  hub: PerhapsByProvider<NavigationParts>,
  request: Request,
  url: URL,
  address: string,
): Promise<Response> {
  try {
    const parts = requireProvider(hub);
    if (request.method !== 'GET') throw new UnsupportedError('a browser is led here by GET');
    if (url.pathname === providerSignInPath) return await leave(parts, request, url, address);
    if (url.pathname === providerCallbackPath) return await arrive(parts, request, url, address);
    throw new NotFoundError('not found');
  } catch (error) {
    if (isApiFault(error)) throw error;
    return apiErrorResponse(error);
  }
}

/** Sends the browser to the provider with a secret of its own to come back with. */
export async function departure(
  parts: Pick<NavigationParts, 'provider' | 'steps' | 'originOf'>,
  request: Request,
  purpose: Purpose,
): Promise<{ readonly url: string; readonly cookie: string }> {
  const redirectUri = parts.originOf(request) + providerCallbackPath;
  const { url, secret } = await goToProvider(parts, purpose, redirectUri);
  return { url, cookie: stepCookieHeader(parts, request, secret) };
}

async function leave(
  parts: NavigationParts,
  request: Request,
  { searchParams }: URL,
  address: string,
): Promise<Response> {
  parts.limits.takeProviderSignIn(address);
  const invitation = searchParams.get('invitation')?.slice(0, maxInvitation);
  try {
    const { url, cookie } = await departure(parts, request, {
      next: safeReturn(searchParams.get('next')),
      invitation,
    });
    return redirect(url, cookie);
  } catch (error) {
    return failed(parts, address, error, '/login');
  }
}

async function arrive(
  parts: NavigationParts,
  request: Request,
  { search }: URL,
  address: string,
): Promise<Response> {
  const secret = readCookie(request, stepCookie);
  // Taken before anything else: no code and no state is tried twice.
  const step = secret === undefined ? undefined : await parts.steps.take(secret, 'asked');
  try {
    if (!step) throw new ProviderSignInError('expired', 'no sign-in was begun by this browser');
    const callback = new URL(parts.originOf(request) + providerCallbackPath + search);
    const outcome = await comeBack(parts, step, callback, await signedInAs(parts, request));
    if (outcome.kind === 'linked') return redirect(step.next, noStep);
    const finish = `${finishSignInPath}?${new URLSearchParams({ next: step.next })}`;
    if (outcome.kind === 'unknown') return redirect(finish, stepCookieHeader(parts, request, outcome.secret));
    const identity = { account: outcome.account, accessToken: undefined };
    const { cookie } = await startSession(parts, { request, address }, identity, {
      service: providerService,
      providerSid: outcome.sid,
    });
    return redirect(finish, cookie, noStep);
  } catch (error) {
    return failed(parts, address, error, pageOf(step));
  }
}

/** The account whose session the browser has. */
async function signedInAs({ sessions }: NavigationParts, request: Request): Promise<number | undefined> {
  const secret = readCookie(request, sessionCookie);
  const session = secret === undefined ? undefined : await sessions.find(secret, 'session');
  return session?.access_token_id === null ? session.account_id : undefined;
}

/** Where a failure is told. */
function pageOf(step: AskedStep | undefined): string {
  return step?.accountId === undefined ? '/login' : step.next;
}

function failed({ events }: NavigationParts, address: string, error: unknown, page: string): Response {
  if (!(error instanceof ProviderSignInError)) throw error;
  const { failure, message: detail } = error;
  events.report({ kind: 'provider-sign-in-failed', failure, detail, address });
  const query = new URLSearchParams({ failure });
  return redirect(`${page}?${query}`, noStep);
}

const noStep = cookieHeader(stepCookie, '', 0, false);

function stepCookieHeader(
  { originOf }: Pick<NavigationParts, 'originOf'>,
  request: Request,
  secret: string,
): string {
  return cookieHeader(stepCookie, secret, stepLifetime / 1000, originOf(request).startsWith('https:'));
}

function redirect(to: string, ...cookies: readonly string[]): Response {
  const headers = new Headers({
    Location: to,
    'Cache-Control': 'no-store',
    // What is in these addresses is nobody else's to read.
    'Referrer-Policy': 'no-referrer',
  });
  for (const cookie of cookies) headers.append('Set-Cookie', cookie);
  return new Response(null, { status: 303, headers });
}
