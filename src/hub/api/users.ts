/** Accounts: make one, by invitation where that is asked for; look at one; change one's own. */
import { z } from 'zod';
import { publicUserSchema, signupSchema, updateUserSchema, userSchema } from '../../hub-api/schemas/users.ts';
import { DeniedError, NotFoundError } from '../../lib/errors.ts';
import type { SignUpMode } from '../access-config.ts';
import { signUp } from '../accounts/sign-up.ts';
import { requireAccount, requirePerson, requireSameOrigin } from './call.ts';
import { presentPublicUser, presentUser } from './present-account.ts';
import { route, type Route } from './route.ts';

const noStore = { headers: { 'Cache-Control': 'no-store' } };

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
    parts.limits.takeSignUp(call.address);
    const { invitation, ...asked } = await call.body();
    checkMode(parts.signUpMode, invitation);
    const isNeeded = parts.signUpMode === 'invite';
    await signUp(parts, { ...asked, ...(isNeeded && { invitation }) });
    return new Response(null, { status: 204 });
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
    return Response.json(presentUser(requireAccount(call)), noStore);
  },
});

const updateCurrentUser = route({
  method: 'PATCH',
  path: '/v2/user',
  id: 'updateCurrentUser',
  tag: 'Accounts',
  summary: 'Change what everybody may know of one’s account.',
  auth: 'required',
  body: updateUserSchema,
  answers: { 200: userSchema },
  async handle({ accounts, changes }, call) {
    const { id, name } = requirePerson(call);
    const body = await call.body();
    const told = { kind: 'account-updated', account: name } as const;
    return Response.json(presentUser(await changes.make(() => accounts.update(id, body), told)), noStore);
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

export const userRoutes: readonly Route[] = [signup, getCurrentUser, updateCurrentUser, getUser];

function checkMode(mode: SignUpMode, invitation: string | undefined): void {
  if (mode === 'closed')
    throw new DeniedError('sign-up is closed here: ask the administrator for an account');
  if (mode === 'invite' && invitation === undefined) {
    throw new DeniedError('signing up here needs an invitation: ask the administrator for one');
  }
}
