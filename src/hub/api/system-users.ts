/** Accounts, as an administrator looks after them. Passwords are reset, and people invited, where it always was. */
import { z } from 'zod';
import {
  administeredUserPageSchema,
  administeredUserQuery,
  administeredUserSchema,
  administerUserSchema,
} from '../../hub-api/schemas/administration.ts';
import { ConflictError } from '../../lib/errors.ts';
import * as administer from '../accounts/administer.ts';
import { requireAccount } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import { presentAdministeredUser } from './present-account.ts';
import { route, type Route } from './route.ts';

const listUsers = route({
  method: 'GET',
  path: '/v2/system/users',
  id: 'listUsers',
  tag: 'Administration',
  summary: 'The people of this hub, by name.',
  auth: 'administrator',
  query: administeredUserQuery,
  answers: { 200: administeredUserPageSchema },
  async handle(parts, call) {
    const page = pageRequest(call.query);
    const { count, accounts } = await parts.accounts.page(call.query.query.trim(), page);
    const results = accounts.map(presentAdministeredUser);
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const updateUser = route({
  method: 'PATCH',
  path: '/v2/system/users/{username}',
  id: 'administerUser',
  tag: 'Administration',
  summary: 'Make somebody an administrator or not, switch an account off or on. Not one’s own.',
  auth: 'administrator',
  params: z.object({ username: z.string() }),
  body: administerUserSchema,
  answers: { 200: administeredUserSchema },
  async handle(parts, call) {
    const by = requireAccount(call).name;
    const { username } = call.params;
    const { is_admin: isAdmin, is_active: isActive, second_factor: secondFactor } = await call.body();
    if (username === by) throw new ConflictError('ask another administrator: this is your own account');
    if (isAdmin !== undefined) await administer.setAdministrator(parts, username, isAdmin);
    if (isActive !== undefined) await administer.setActive(parts, username, isActive);
    if (secondFactor === false) await administer.turnOffSecondFactor(parts, username);
    return Response.json(presentAdministeredUser(await parts.accounts.listed(username)));
  },
});

export const systemUserRoutes: readonly Route[] = [listUsers, updateUser];
