/** Accounts: make one, by invitation where that is asked for; look at one; change one's own. */
import { z } from 'zod';
import {
  changePasswordSchema,
  createdInvitationSchema,
  createdPasswordResetSchema,
  createInvitationSchema,
  invitationListSchema,
  passwordResetSchema,
  publicUserSchema,
  signupSchema,
  updateUserSchema,
  userSchema,
} from '../../hub-api/schemas/users.ts';
import { DeniedError, NotFoundError } from '../../lib/errors.ts';
import type { SignUpMode } from '../access-config.ts';
import type { Account } from '../accounts/account-store.ts';
import { changePassword, createPasswordReset, resetPassword } from '../accounts/change-password.ts';
import { checkEmail, signUp } from '../accounts/sign-up.ts';
import { isAdministrator } from '../auth/policy.ts';
import { type Caller, requireAccount, requirePerson, requireSameOrigin } from './call.ts';
import { presentInvitation, presentPublicUser, presentUser } from './present-account.ts';
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
    const account = await signUp(parts.accounts, { ...asked, ...(isNeeded && { invitation }) });
    parts.events.report({ kind: 'account-created', account: account.name });
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
  async handle({ accounts }, call) {
    const account = requirePerson(call);
    return Response.json(presentUser(await accounts.update(account.id, await call.body())), noStore);
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

const postPassword = route({
  method: 'POST',
  path: '/v2/user/password',
  id: 'changePassword',
  tag: 'Accounts',
  summary: 'Change the password. Every other session and every refresh token ends; access tokens stay.',
  auth: 'required',
  body: changePasswordSchema,
  answers: { 204: 'The new password is the only one.' },
  async handle(parts, call) {
    const account = requirePerson(call);
    const body = await call.body();
    const from = { address: call.address, sessionId: call.session?.id };
    await changePassword(parts, account, { old: body.old_password, new: body.new_password }, from);
    parts.events.report({ kind: 'password-changed', account: account.name });
    return new Response(null, { status: 204 });
  },
});

const postPasswordReset = route({
  method: 'POST',
  path: '/v2/users/{username}/password-reset',
  id: 'createPasswordReset',
  tag: 'Accounts',
  summary: 'For an administrator: a token by which who forgot the password sets a new one, within a day.',
  auth: 'required',
  params: z.object({ username: z.string() }),
  answers: { 201: createdPasswordResetSchema },
  async handle(parts, call) {
    const by = requireAdministrator(call);
    const { secret, expiresAt } = await createPasswordReset(parts, call.params.username);
    parts.events.report({ kind: 'password-reset-created', account: call.params.username, by: by.name });
    const body = { token: secret, expires_at: new Date(expiresAt).toISOString() };
    return Response.json(body, { status: 201, ...noStore });
  },
});

const usePasswordReset = route({
  method: 'POST',
  path: '/v2/users/reset-password',
  id: 'resetPassword',
  tag: 'Accounts',
  summary: 'Set a new password by a reset token. Every session and refresh token of the account ends.',
  auth: 'none',
  body: passwordResetSchema,
  answers: { 204: 'The new password is the only one.' },
  async handle(parts, call) {
    requireSameOrigin(parts, call.request);
    const { token, password } = await call.body();
    await resetPassword(parts, token, password);
    return new Response(null, { status: 204 });
  },
});

const createInvitation = route({
  method: 'POST',
  path: '/v2/invites',
  id: 'createInvitation',
  tag: 'Accounts',
  summary: 'For an administrator: invite somebody to sign up, within a week.',
  auth: 'required',
  body: createInvitationSchema,
  answers: { 201: createdInvitationSchema },
  async handle({ invitations }, call) {
    const { id } = requireAdministrator(call);
    const { email } = await call.body();
    const address = email === undefined ? '' : checkEmail(email).toLowerCase();
    const { invitation, secret } = await invitations.create(address, id);
    return Response.json({ ...presentInvitation(invitation), token: secret }, { status: 201, ...noStore });
  },
});

const listInvitations = route({
  method: 'GET',
  path: '/v2/invites',
  id: 'listInvitations',
  tag: 'Accounts',
  summary: 'For an administrator: the invitations that nobody used yet.',
  auth: 'required',
  answers: { 200: invitationListSchema },
  async handle({ invitations }, call) {
    requireAdministrator(call);
    const open = await invitations.list();
    return Response.json({ data: open.map(presentInvitation) });
  },
});

const deleteInvitation = route({
  method: 'DELETE',
  path: '/v2/invites/{id}',
  id: 'deleteInvitation',
  tag: 'Accounts',
  summary: 'For an administrator: take an invitation back.',
  auth: 'required',
  params: z.object({ id: z.string() }),
  answers: { 204: 'Nobody can sign up with it any more.' },
  async handle({ invitations }, call) {
    requireAdministrator(call);
    await invitations.delete(call.params.id);
    return new Response(null, { status: 204 });
  },
});

export const userRoutes: readonly Route[] = [
  signup,
  getCurrentUser,
  updateCurrentUser,
  postPassword,
  usePasswordReset,
  postPasswordReset,
  getUser,
  createInvitation,
  listInvitations,
  deleteInvitation,
];

function checkMode(mode: SignUpMode, invitation: string | undefined): void {
  if (mode === 'closed')
    throw new DeniedError('sign-up is closed here: ask the administrator for an account');
  if (mode === 'invite' && invitation === undefined) {
    throw new DeniedError('signing up here needs an invitation: ask the administrator for one');
  }
}

/** @throws UnauthorizedError, DeniedError */
function requireAdministrator(caller: Caller): Account {
  const account = requirePerson(caller);
  if (!isAdministrator(caller.actor)) throw new DeniedError('only an administrator may do this');
  return account;
}
