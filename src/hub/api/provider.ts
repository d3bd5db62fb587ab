/** Signing in by the provider, as far as pages do it: what is offered, the last step, and the identity of an account. */
import {
  identitySchema,
  linkIdentitySchema,
  linkingIdentitySchema,
  providerLinkSchema,
  providerSignUpSchema,
  providerStepSchema,
  signInMethodsSchema,
} from '../../hub-api/schemas/provider.ts';
import { NotFoundError, UnavailableError } from '../../lib/errors.ts';
import type { Account } from '../accounts/account-store.ts';
import { checkPasswordOf } from '../accounts/change-password.ts';
import { providerService } from '../accounts/session-store.ts';
import { startSession } from '../accounts/start-session.ts';
import { cookieHeader, readCookie } from '../cookies.ts';
import { departure, type NavigationParts, requireProvider, stepCookie } from '../oidc/navigation.ts';
import { ProviderSignInError } from '../oidc/provider-error.ts';
import { signInMethods } from '../oidc/ways-in.ts';
import { suggestedName } from '../oidc/proved-identity.ts';
import { linkByPassword, signUpByProvider, unlink } from '../oidc/sign-in-by-provider.ts';
import type { ProvedStep } from '../oidc/step-store.ts';
import { type Caller, requirePerson, requireSameOrigin } from './call.ts';
import { timeOf } from './present.ts';
import { route, type Route } from './route.ts';

const noStore = { headers: { 'Cache-Control': 'no-store' } };

const getSignInMethods = route({
  method: 'GET',
  path: '/v2/auth/methods',
  id: 'getSignInMethods',
  tag: 'Accounts',
  summary: 'How people sign in here: by a password, by a provider at /oidc/sign-in, or by both.',
  auth: 'none',
  answers: { 200: signInMethodsSchema },
  handle: ({ provider }) => Promise.resolve(Response.json(signInMethods({ oidc: provider?.config }))),
});

const getProviderStep = route({
  method: 'GET',
  path: '/v2/auth/provider',
  id: 'getProviderStep',
  tag: 'Accounts',
  summary: 'Whom the provider said a browser is of, while no account is theirs yet.',
  auth: 'none',
  answers: { 200: providerStepSchema },
  async handle(apiParts, call) {
    const parts = requireProvider(apiParts);
    const { identity, next, invitation } = await requireStep(parts, call);
    const account = identity.isEmailVerified ? await parts.accounts.findByEmail(identity.email) : undefined;
    const body = {
      next,
      username: suggestedName(identity).name,
      email: identity.email,
      sign_up: parts.provider.config.signUp,
      has_invitation: invitation !== undefined,
      account: account?.name ?? null,
    };
    return Response.json(body, noStore);
  },
});

const postProviderSignUp = route({
  method: 'POST',
  path: '/v2/auth/provider/sign-up',
  id: 'signUpByProvider',
  tag: 'Accounts',
  summary: 'The last step for who has no account: makes it, without a password, and starts a session.',
  auth: 'none',
  body: providerSignUpSchema,
  answers: { 204: 'The browser is signed in.' },
  async handle(apiParts, call) {
    const parts = requireProvider(apiParts);
    requireSameOrigin(parts, call.request);
    const step = await requireStep(parts, call);
    return await finish(parts, call, await signUpByProvider(parts, step, await call.body()));
  },
});

const postProviderLink = route({
  method: 'POST',
  path: '/v2/auth/provider/link',
  id: 'linkByPassword',
  tag: 'Accounts',
  summary: 'The last step for who has an account: links it, by its password, and starts a session.',
  auth: 'none',
  body: providerLinkSchema,
  answers: { 204: 'The browser is signed in.' },
  async handle(apiParts, call) {
    const parts = requireProvider(apiParts);
    requireSameOrigin(parts, call.request);
    const step = await requireStep(parts, call);
    return await finish(parts, call, await linkByPassword(parts, step, await call.body(), call.address));
  },
});

const getIdentity = route({
  method: 'GET',
  path: '/v2/user/identity',
  id: 'getIdentity',
  tag: 'Accounts',
  summary: 'The identity at the provider that opens the account.',
  auth: 'required',
  answers: { 200: identitySchema },
  async handle({ accounts, identities, provider }, call) {
    const { id } = requirePerson(call);
    const linked = provider && (await identities.of(id, provider.config.issuer.href));
    const body = {
      provider: provider?.config.name ?? null,
      has_password: await accounts.hasPassword(id),
      linked: linked
        ? {
            email: linked.email,
            linked_at: timeOf(linked.created_at),
            last_used_at: timeOf(linked.last_used_at),
          }
        : null,
    };
    return Response.json(body, noStore);
  },
});

const postIdentity = route({
  method: 'POST',
  path: '/v2/user/identity',
  id: 'linkIdentity',
  tag: 'Accounts',
  summary:
    'Begin to link an identity, by the account’s password; the browser proves it at the provider then.',
  auth: 'required',
  body: linkIdentitySchema,
  answers: { 200: linkingIdentitySchema },
  async handle(apiParts, call) {
    const account = requirePerson(call);
    const parts = requireProvider(apiParts);
    const { password } = await call.body();
    await checkPasswordOf(parts, account, 'password', password, call.address);
    try {
      const purpose = { next: '/settings', accountId: account.id };
      const { url, cookie } = await departure(parts, call.request, purpose);
      return Response.json({ url }, { headers: { ...noStore.headers, 'Set-Cookie': cookie } });
    } catch (error) {
      if (!(error instanceof ProviderSignInError)) throw error;
      throw new UnavailableError('the provider does not answer: try again later', { cause: error });
    }
  },
});

const deleteIdentity = route({
  method: 'DELETE',
  path: '/v2/user/identity',
  id: 'unlinkIdentity',
  tag: 'Accounts',
  summary: 'Unlink the identity, where the password signs in as well. What came by its groups goes with it.',
  auth: 'required',
  answers: { 204: 'It opens the account no more.' },
  async handle(apiParts, call) {
    const account = requirePerson(call);
    await unlink(requireProvider(apiParts), account);
    return new Response(null, { status: 204 });
  },
});

export const providerRoutes: readonly Route[] = [
  getSignInMethods,
  getProviderStep,
  postProviderSignUp,
  postProviderLink,
  getIdentity,
  postIdentity,
  deleteIdentity,
];

/** @throws NotFoundError when the browser has none, or it has run out. */
async function requireStep({ steps }: NavigationParts, { request }: Caller): Promise<ProvedStep> {
  const secret = readCookie(request, stepCookie);
  const step = secret === undefined ? undefined : await steps.find(secret);
  if (!step) throw new NotFoundError('this sign-in has expired: begin again');
  return step;
}

async function finish(parts: NavigationParts, call: Caller, account: Account): Promise<Response> {
  const secret = readCookie(call.request, stepCookie);
  const step = secret === undefined ? undefined : await parts.steps.take(secret, 'proved');
  const by = { service: providerService, providerSid: step?.identity.sid ?? '' };
  const { cookie } = await startSession(parts, call, { account, accessToken: undefined }, by);
  const headers = new Headers(noStore.headers);
  headers.append('Set-Cookie', cookie);
  headers.append('Set-Cookie', cookieHeader(stepCookie, '', 0, false));
  return new Response(null, { status: 204, headers });
}
