/** Signing in and out, by password, access token and second factor; and what is signed in already. */
import { z } from 'zod';
import {
  authTokenResponseSchema,
  authTokenSchema,
  loginQuery,
  loginResponseSchema,
  loginSchema,
  logoutResponseSchema,
  secondFactorLoginSchema,
  sessionListSchema,
} from '../../hub-api/schemas/sessions.ts';
import { NotFoundError, UnauthorizedError } from '../../lib/errors.ts';
import { providerService } from '../accounts/session-store.ts';
import { takeSecondFactor, wrongCodeText } from '../accounts/second-factor.ts';
import { SecondFactorRequiredError } from '../accounts/second-factor-required.ts';
import { checkCredentials, signIn } from '../accounts/sign-in.ts';
import { holder, sessionCookie, startSession } from '../accounts/start-session.ts';
import type { Identity } from '../auth/actors.ts';
import { service } from '../auth/token.ts';
import { cookieHeader } from '../cookies.ts';
import { identified } from '../request-context.ts';
import { type Caller, requirePerson, requireSameOrigin, secretOf } from './call.ts';
import type { ApiParts } from './parts.ts';
import { presentSession } from './present-account.ts';
import { route, type Route } from './route.ts';

/** Docker Hub's lifetime of an access token made from credentials. */
const authTokenLifetime = 10 * 60_000;

const login = route({
  method: 'POST',
  path: '/v2/users/login',
  id: 'login',
  tag: 'Accounts',
  summary:
    'Start a session. Browsers get it as a cookie as well. With two-factor authentication the refusal holds a login_2fa_token.',
  auth: 'none',
  query: loginQuery,
  body: loginSchema,
  answers: { 200: loginResponseSchema },
  async handle(parts, call) {
    requireSameOrigin(parts, call.request);
    const { identity, needsSecondFactor } = await checkCredentials(parts, await call.body(), call.address);
    if (needsSecondFactor) {
      const step = { ...holder(call, identity), purpose: 'second-factor' } as const;
      throw new SecondFactorRequiredError(await parts.sessions.create(step));
    }
    return start(parts, call, identity);
  },
});

const loginBySecondFactor = route({
  method: 'POST',
  path: '/v2/users/2fa-login',
  id: 'loginBySecondFactor',
  tag: 'Accounts',
  summary: 'The second step of a login, with a code of the app or a recovery code.',
  auth: 'none',
  query: loginQuery,
  body: secondFactorLoginSchema,
  answers: { 200: loginResponseSchema },
  async handle(parts, call) {
    requireSameOrigin(parts, call.request);
    const { login_2fa_token: secret, code } = await call.body();
    const step = await parts.sessions.find(secret, 'second-factor');
    const account = step && (await parts.accounts.find(step.account_id));
    if (!account) throw new UnauthorizedError('this login has expired: begin again');
    if (!(await takeSecondFactor(parts, account, code))) {
      parts.events.report({ kind: 'sign-in-failed', account: account.name, address: call.address });
      throw new UnauthorizedError(wrongCodeText);
    }
    await parts.sessions.end(secret);
    return start(parts, call, { account, accessToken: undefined });
  },
});

const createAuthToken = route({
  method: 'POST',
  path: '/v2/auth/token',
  id: 'createAuthToken',
  tag: 'Accounts',
  summary: 'Get a token for tools, for a password or an access token, of a person or an organization.',
  auth: 'none',
  body: authTokenSchema,
  answers: { 200: authTokenResponseSchema },
  async handle(parts, call) {
    const { identifier, secret } = await call.body();
    const identity = await signIn(parts, { username: identifier, password: secret }, call.address);
    const session = { ...holder(call, identity), purpose: 'session', lifetime: authTokenLifetime } as const;
    identified(identity);
    const token = await parts.changes.make(() => parts.sessions.create(session), {
      kind: 'signed-in',
      account: identity.account.name,
      address: call.address,
    });
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
  answers: { 200: logoutResponseSchema },
  async handle(parts, call) {
    requireSameOrigin(parts, call.request);
    const secret = secretOf(call.request);
    const account = call.account?.name;
    if (secret !== undefined && account !== undefined) {
      await parts.changes.make(() => parts.sessions.end(secret), {
        kind: 'signed-out',
        account,
        sessions: 'this',
      });
    }
    const isByProvider = call.session?.service === providerService;
    const url = isByProvider
      ? await parts.provider?.signOutUrl(`${parts.originOf(call.request)}/`)
      : undefined;
    const body = url === undefined ? {} : { provider_sign_out_url: url };
    return Response.json(body, { headers: { 'Set-Cookie': cookieHeader(sessionCookie, '', 0, false) } });
  },
});

const listSessions = route({
  method: 'GET',
  path: '/v2/user/sessions',
  id: 'listSessions',
  tag: 'Accounts',
  summary: 'Where the account is signed in.',
  auth: 'required',
  answers: { 200: sessionListSchema },
  async handle({ sessions }, call) {
    const account = requirePerson(call);
    const open = await sessions.list(account.id);
    return Response.json({ results: open.map((session) => presentSession(session, call.session)) });
  },
});

const endOtherSessions = route({
  method: 'DELETE',
  path: '/v2/user/sessions',
  id: 'endOtherSessions',
  tag: 'Accounts',
  summary: 'End all sessions and refresh tokens but the one that asks.',
  auth: 'required',
  answers: { 204: 'They are ended.' },
  async handle({ sessions, changes }, call) {
    const { id, name } = requirePerson(call);
    const told = { kind: 'signed-out', account: name, sessions: 'others' } as const;
    await changes.make(() => sessions.endOthers(id, call.session?.id), told);
    return new Response(null, { status: 204 });
  },
});

const endSession = route({
  method: 'DELETE',
  path: '/v2/user/sessions/{id}',
  id: 'endSession',
  tag: 'Accounts',
  summary: 'End one session or refresh token of the account.',
  auth: 'required',
  params: z.object({ id: z.string() }),
  answers: { 204: 'It is ended.' },
  async handle({ sessions, changes }, call) {
    const account = requirePerson(call);
    const id = /^\d{1,15}$/.test(call.params.id) ? Number(call.params.id) : 0;
    await changes.make(
      async () => {
        if (!(await sessions.endById(account.id, id))) throw new NotFoundError('no such session');
      },
      { kind: 'signed-out', account: account.name, sessions: 'one' },
    );
    return new Response(null, { status: 204 });
  },
});

export const sessionRoutes: readonly Route[] = [
  login,
  loginBySecondFactor,
  createAuthToken,
  logout,
  listSessions,
  endOtherSessions,
  endSession,
];

async function start(
  parts: ApiParts,
  call: Caller & { readonly query: z.output<typeof loginQuery> },
  identity: Identity,
): Promise<Response> {
  const { token, cookie } = await startSession(parts, call, identity);
  const wantsRefresh = call.query.refresh_token === 'true';
  const refresh = wantsRefresh
    ? await parts.sessions.create({ ...holder(call, identity), purpose: 'refresh', service })
    : undefined;
  const headers = { 'Set-Cookie': cookie, 'Cache-Control': 'no-store' };
  return Response.json({ token, ...(refresh !== undefined && { refresh_token: refresh }) }, { headers });
}
