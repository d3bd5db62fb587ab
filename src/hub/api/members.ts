/** Members of an organization: list, add or give another role, remove. */
import {
  changeMemberSchema,
  memberListQuery,
  memberPageSchema,
  memberSchema,
} from '../../hub-api/schemas/organizations.ts';
import { z } from 'zod';
import { authorizeIn, getPerson, organizationParams } from './organization-access.ts';
import { pageOf, pageRequest } from './page.ts';
import { presentMember } from './present-organization.ts';
import { route, type Route } from './route.ts';

const memberParams = organizationParams.extend({ username: z.string() });

const listMembers = route({
  method: 'GET',
  path: '/v2/orgs/{org}/members',
  id: 'listMembers',
  tag: 'Organizations',
  summary: 'For a member: who belongs to the organization, as what, in which teams.',
  auth: 'required',
  params: organizationParams,
  query: memberListQuery,
  answers: { 200: memberPageSchema },
  async handle(parts, call) {
    const { organization, role } = await authorizeIn(parts, call, 'look');
    const page = pageRequest(call.query);
    const { search, role: withRole } = call.query;
    const found = await parts.members.list(organization.id, { ...page, search, role: withRole });
    const results = found.members.map((member) => presentMember(member, role === 'owner'));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, found.count, results));
  },
});

const putMember = route({
  method: 'PUT',
  path: '/v2/orgs/{org}/members/{username}',
  id: 'putMember',
  tag: 'Organizations',
  summary: 'For an owner: add somebody, or give a member another role.',
  auth: 'required',
  params: memberParams,
  body: changeMemberSchema,
  answers: { 200: memberSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const { role } = await call.body();
    const person = await getPerson(parts, call.params.username);
    const told = {
      kind: 'member-changed',
      organization: organization.name,
      member: person.name,
      role,
    } as const;
    await parts.changes.make(() => parts.members.put(organization.id, person.id, role), told);
    return Response.json(presentMember(await parts.members.get(organization.id, person), true));
  },
});

const deleteMember = route({
  method: 'DELETE',
  path: '/v2/orgs/{org}/members/{username}',
  id: 'deleteMember',
  tag: 'Organizations',
  summary: 'For an owner: take somebody’s rights in the organization away. For a member: leave it.',
  auth: 'required',
  params: memberParams,
  answers: { 204: 'They have no rights in it any more.' },
  async handle(parts, call) {
    const isOwn = call.account?.name === call.params.username;
    const { organization } = await authorizeIn(parts, call, isOwn ? 'look' : 'manage');
    const person = await getPerson(parts, call.params.username);
    await parts.changes.make(() => parts.members.remove(organization, person.id), {
      kind: 'member-changed',
      organization: organization.name,
      member: person.name,
      role: 'none',
    });
    return new Response(null, { status: 204 });
  },
});

export const memberRoutes: readonly Route[] = [listMembers, putMember, deleteMember];
