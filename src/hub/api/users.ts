/** Accounts and sessions: sign up, sign in, sign out, who am I. */
import { z } from 'zod';
import { NotFoundError } from '../../lib/errors.ts';
import { sessionLifetime } from '../accounts/session-store.ts';
import { signIn } from '../accounts/sign-in.ts';
import { signUp } from '../accounts/sign-up.ts';
import { type Call, readBody, requireAccount, requireSameOrigin, secretOf, sessionCookie } from './call.ts';
import type { ApiParts } from './parts.ts';
import { presentPublicUser, presentUser } from './present.ts';

const signupSchema = z.object({ username: z.string(), email: z.string(), password: z.string() });
const loginSchema = z.object({ username: z.string(), password: z.string() });
const authTokenSchema = z.object({ identifier: z.string(), secret: z.string() });

/** Docker Hub's lifetime of an access token made from credentials. */
const authTokenLifetime = 10 * 60_000;

export async function postSignup(parts: ApiParts, call: Call): Promise<Response> {
  requireSameOrigin(parts, call.request);
  const account = await signUp(parts.accounts, await readBody(call.request, signupSchema));
  parts.events.report({ kind: 'account-created', account: account.name });
  return new Response(null, { status: 204 });
}

export async function postLogin(parts: ApiParts, call: Call): Promise<Response> {
  requireSameOrigin(parts, call.request);
  const credentials = await readBody(call.request, loginSchema);
  const account = await signIn(parts, credentials, call.address);
  parts.events.report({ kind: 'signed-in', account: account.name, address: call.address });
  const token = await parts.sessions.create(account, call.request.headers.get('User-Agent') ?? '');
  const isSecure = parts.originOf(call.request).startsWith('https:');
  return Response.json(
    { token },
    {
      headers: { 'Set-Cookie': cookie(token, sessionLifetime / 1000, isSecure), 'Cache-Control': 'no-store' },
    },
  );
}

export async function postAuthToken(parts: ApiParts, call: Call): Promise<Response> {
  const { identifier, secret } = await readBody(call.request, authTokenSchema);
  const account = await signIn(parts, { username: identifier, password: secret }, call.address);
  const userAgent = call.request.headers.get('User-Agent') ?? '';
  const token = await parts.sessions.create(account, userAgent, authTokenLifetime);
  return Response.json({ access_token: token }, { headers: { 'Cache-Control': 'no-store' } });
}

export async function postLogout(parts: ApiParts, call: Call): Promise<Response> {
  requireSameOrigin(parts, call.request);
  const secret = secretOf(call.request);
  if (secret !== undefined) await parts.sessions.end(secret);
  return Response.json({}, { headers: { 'Set-Cookie': cookie('', 0, false) } });
}

export async function getCurrentUser(_parts: ApiParts, call: Call): Promise<Response> {
  return Response.json(presentUser(requireAccount(call)), { headers: { 'Cache-Control': 'no-store' } });
}

export async function getUser({ accounts }: ApiParts, call: Call): Promise<Response> {
  const account = await accounts.findByName(call.params['username'] ?? '');
  if (!account) throw new NotFoundError('object not found');
  return Response.json(presentPublicUser(account));
}

function cookie(value: string, maxAge: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${sessionCookie}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
