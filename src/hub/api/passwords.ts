/** A new password: by its owner, or by a reset that an administrator gave. */
import { z } from 'zod';
import {
  changePasswordSchema,
  createdPasswordResetSchema,
  passwordResetSchema,
} from '../../hub-api/schemas/users.ts';
import { changePassword, createPasswordReset, resetPassword } from '../accounts/change-password.ts';
import { requireAdministrator, requirePerson, requireSameOrigin } from './call.ts';
import { route, type Route } from './route.ts';

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
    requireAdministrator(call);
    const { secret, expiresAt } = await createPasswordReset(parts, call.params.username);
    const body = { token: secret, expires_at: new Date(expiresAt).toISOString() };
    return Response.json(body, { status: 201, headers: { 'Cache-Control': 'no-store' } });
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

export const passwordRoutes: readonly Route[] = [postPassword, usePasswordReset, postPasswordReset];
