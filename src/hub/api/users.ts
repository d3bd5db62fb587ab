/** Accounts and sessions: sign up, sign in, sign out, who am I. */
import { z } from 'zod';
import { emptySchema } from '../../hub-api/schemas/common.ts';
import {
  authTokenResponseSchema,
  authTokenSchema,
  loginResponseSchema,
  loginSchema,
  publicUserSchema,
  signupSchema,
  userSchema,
} from '../../hub-api/schemas/users.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { sessionLifetime } from '../accounts/session-store.ts';
import { signIn } from '../accounts/sign-in.ts';
import { signUp } from '../accounts/sign-up.ts';
import { requireAccount, requireSameOrigin, secretOf, sessionCookie } from './call.ts';
import { presentPublicUser, presentUser } from './present.ts';
import { route, type Route } from './route.ts';

/** Docker Hub's lifetime of an access token made from credentials. */
const authTokenLifetime = 10 * 60_000;

const signup = route({
  method: 'POST',
  path: '/v2/users/signup',
  id: 'signup',
  tag: 'Accounts',
  summary: 'Make an account. Does not sign in. A name that is taken is a wrong input, too.',
  auth: 'none',
  body: signupSchema,
  answers: { 204: 'The account is made.' },
  async handle(parts, call) {
    requireSameOrigin(parts, call.request);
    const account = await signUp(parts.accounts, await call.body());
    parts.events.report({ kind: 'account-created', account: account.name });
    return new Response(null, { status: 204 });
  },
});

const login = route({
  method: 'POST',
  path: '/v2/users/login',
  id: 'login',
  tag: 'Accounts',
  summary: 'Start a session. Browsers get it as a cookie as well.',
  auth: 'none',
  body: loginSchema,
  answers: { 200: loginResponseSchema },
  async handle(parts, call) {
    requireSameOrigin(parts, call.request);
    const account = await signIn(parts, await call.body(), call.address);
    parts.events.report({ kind: 'signed-in', account: account.name, address: call.address });
    const token = await parts.sessions.create(account, call.request.headers.get('User-Agent') ?? '');
    const isSecure = parts.originOf(call.request).startsWith('https:');
    const headers = {
      'Set-Cookie': cookie(token, sessionLifetime / 1000, isSecure),
      'Cache-Control': 'no-store',
    };
    return Response.json({ token }, { headers });
  },
});

const createAuthToken = route({
  method: 'POST',
  path: '/v2/auth/token',
  id: 'createAuthToken',
  tag: 'Accounts',
  summary: 'Get a token for tools.',
  auth: 'none',
  body: authTokenSchema,
  answers: { 200: authTokenResponseSchema },
  async handle(parts, call) {
    const { identifier, secret } = await call.body();
    const account = await signIn(parts, { username: identifier, password: secret }, call.address);
    const userAgent = call.request.headers.get('User-Agent') ?? '';
    const token = await parts.sessions.create(account, userAgent, authTokenLifetime);
    return Response.json({ access_token: token }, { headers: { 'Cache-Control': 'no-store' } });
  },
});

const logout = route({
  method: 'POST',
  path: '/v2/logout',
  id: 'logout',
  tag: 'Accounts',
  summary: 'End the session that the request comes with.',
  auth: 'optional',
  answers: { 200: emptySchema },
  async handle(parts, call) {
    requireSameOrigin(parts, call.request);
    const secret = secretOf(call.request);
    if (secret !== undefined) await parts.sessions.end(secret);
    return Response.json({}, { headers: { 'Set-Cookie': cookie('', 0, false) } });
  },
});

const getCurrentUser = route({
  method: 'GET',
  path: '/v2/user',
  id: 'getCurrentUser',
  tag: 'Accounts',
  summary: 'Who is signed in.',
  auth: 'required',
  answers: { 200: userSchema },
  async handle(_parts, call) {
    return Response.json(presentUser(requireAccount(call)), { headers: { 'Cache-Control': 'no-store' } });
  },
});

const getUser = route({
  method: 'GET',
  path: '/v2/users/{username}',
  id: 'getUser',
  tag: 'Accounts',
  summary: 'What everybody may know of an account.',
  auth: 'optional',
  params: z.object({ username: z.string() }),
  answers: { 200: publicUserSchema },
  async handle({ accounts }, call) {
    const account = await accounts.findByName(call.params.username);
    if (!account) throw new NotFoundError('object not found');
    return Response.json(presentPublicUser(account));
  },
});

export const userRoutes: readonly Route[] = [signup, login, createAuthToken, logout, getCurrentUser, getUser];

function cookie(value: string, maxAge: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${sessionCookie}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
