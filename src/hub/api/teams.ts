/** Teams of an organization, which Docker Hub's addresses call groups: themselves, and who is in them. */
import {
  addTeamMemberSchema,
  createTeamSchema,
  teamListQuery,
  teamMemberPageSchema,
  teamPageSchema,
  teamRepositoryPageSchema,
  teamSchema,
  updateTeamSchema,
} from '../../hub-api/schemas/organizations.ts';
import { emptySchema, pageQuery } from '../../hub-api/schemas/common.ts';
import { z } from 'zod';
import { ConflictError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { TeamAttributes } from '../organizations/team-store.ts';
import type { Call } from './call.ts';
import { authorizeIn, getPerson, organizationParams } from './organization-access.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { presentPublicUser } from './present-account.ts';
import { presentTeam, presentTeamRepository } from './present-organization.ts';
import { route, type Route } from './route.ts';

const teamParams = organizationParams.extend({ group: z.string() });
const teamMemberParams = teamParams.extend({ username: z.string() });

const listTeams = route({
  method: 'GET',
  path: '/v2/orgs/{org}/groups',
  id: 'listTeams',
  tag: 'Organizations',
  summary: 'For a member: the teams of the organization.',
  auth: 'required',
  params: organizationParams,
  query: teamListQuery,
  answers: { 200: teamPageSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'look');
    const page = pageRequest(call.query);
    const { count, teams } = await parts.teams.list(organization.id, { ...page, search: call.query.search });
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, teams.map(presentTeam)));
  },
});

const createTeam = route({
  method: 'POST',
  path: '/v2/orgs/{org}/groups',
  id: 'createTeam',
  tag: 'Organizations',
  summary: 'For an owner: make a team.',
  auth: 'required',
  params: organizationParams,
  body: createTeamSchema,
  answers: { 201: teamSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const { name, description = '' } = await call.body();
    const team = await nameInUse(
      parts.changes.make(() => parts.teams.create(organization.id, { name, description }), {
        kind: 'team-changed',
        organization: organization.name,
        team: name,
        change: 'created',
      }),
    );
    return Response.json(presentTeam(team), { status: 201 });
  },
});

const getTeam = route({
  method: 'GET',
  path: '/v2/orgs/{org}/groups/{group}',
  id: 'getTeam',
  tag: 'Organizations',
  summary: 'For a member: one team.',
  auth: 'required',
  params: teamParams,
  answers: { 200: teamSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'look');
    return Response.json(presentTeam(await parts.teams.get(organization.id, call.params.group)));
  },
});

const replaceTeam = route({
  method: 'PUT',
  path: '/v2/orgs/{org}/groups/{group}',
  id: 'replaceTeam',
  tag: 'Organizations',
  summary: 'For an owner: rename a team, and describe it anew.',
  auth: 'required',
  params: teamParams,
  body: createTeamSchema,
  answers: { 200: teamSchema },
  handle: (parts, call) => change(parts, call, { description: '' }),
});

const updateTeam = route({
  method: 'PATCH',
  path: '/v2/orgs/{org}/groups/{group}',
  id: 'updateTeam',
  tag: 'Organizations',
  summary: 'For an owner: rename a team, or describe it anew.',
  auth: 'required',
  params: teamParams,
  body: updateTeamSchema,
  answers: { 200: teamSchema },
  handle: (parts, call) => change(parts, call, {}),
});

const deleteTeam = route({
  method: 'DELETE',
  path: '/v2/orgs/{org}/groups/{group}',
  id: 'deleteTeam',
  tag: 'Organizations',
  summary: 'For an owner: delete a team, with its rights. Its members stay in the organization.',
  auth: 'required',
  params: teamParams,
  answers: { 204: 'The team is gone.' },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const { group: team } = call.params;
    await parts.changes.make(() => parts.teams.delete(organization.id, team), {
      kind: 'team-changed',
      organization: organization.name,
      team,
      change: 'deleted',
    });
    return new Response(null, { status: 204 });
  },
});

const listTeamMembers = route({
  method: 'GET',
  path: '/v2/orgs/{org}/groups/{group}/members',
  id: 'listTeamMembers',
  tag: 'Organizations',
  summary: 'For a member: who is in a team.',
  auth: 'required',
  params: teamParams,
  query: z.object(pageQuery),
  answers: { 200: teamMemberPageSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'look');
    const team = await parts.teams.get(organization.id, call.params.group);
    const page = pageRequest(call.query);
    const { count, accounts } = await parts.teams.members(team.id, page);
    const results = accounts.map(presentPublicUser);
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const listTeamRepositories = route({
  method: 'GET',
  path: '/v2/orgs/{org}/groups/{group}/repositories',
  id: 'listTeamRepositories',
  tag: 'Organizations',
  summary:
    'For a member: on which repositories a team has rights. Those that the caller may not see are left out.',
  auth: 'required',
  params: teamParams,
  query: z.object(pageQuery),
  answers: { 200: teamRepositoryPageSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'look');
    const team = await parts.teams.get(organization.id, call.params.group);
    const page = pageRequest(call.query);
    const listing = { ...page, teamId: team.id, organization: organization.name, actor: call.actor };
    const { count, repositories } = await parts.grants.ofTeam(listing);
    const results = repositories.map(presentTeamRepository);
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const addTeamMember = route({
  method: 'POST',
  path: '/v2/orgs/{org}/groups/{group}/members',
  id: 'addTeamMember',
  tag: 'Organizations',
  summary: 'For an owner: put somebody into a team. Who was no member of the organization becomes one.',
  auth: 'required',
  params: teamParams,
  body: addTeamMemberSchema,
  answers: { 200: emptySchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const team = await parts.teams.get(organization.id, call.params.group);
    const person = await getPerson(parts, (await call.body()).member);
    await parts.changes.make(() => parts.teams.addMember(organization.id, team.id, person.id), {
      kind: 'team-member-changed',
      organization: organization.name,
      team: team.name,
      member: person.name,
      isIn: true,
    });
    return Response.json({});
  },
});

const removeTeamMember = route({
  method: 'DELETE',
  path: '/v2/orgs/{org}/groups/{group}/members/{username}',
  id: 'removeTeamMember',
  tag: 'Organizations',
  summary: 'For an owner: take somebody out of a team. They stay in the organization.',
  auth: 'required',
  params: teamMemberParams,
  answers: { 204: 'They no longer have the rights of the team.' },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const team = await parts.teams.get(organization.id, call.params.group);
    const person = await getPerson(parts, call.params.username);
    await parts.changes.make(() => parts.teams.removeMember(team.id, person.id), {
      kind: 'team-member-changed',
      organization: organization.name,
      team: team.name,
      member: person.name,
      isIn: false,
    });
    return new Response(null, { status: 204 });
  },
});

export const teamRoutes: readonly Route[] = [
  listTeams,
  createTeam,
  getTeam,
  replaceTeam,
  updateTeam,
  deleteTeam,
  listTeamMembers,
  listTeamRepositories,
  addTeamMember,
  removeTeamMember,
];

type TeamCall = Call<z.output<typeof teamParams>, unknown, z.output<typeof updateTeamSchema>>;

/** @param otherwise of what the body leaves out. */
async function change(
  parts: ApiParts,
  call: TeamCall,
  otherwise: Partial<TeamAttributes>,
): Promise<Response> {
  const { organization } = await authorizeIn(parts, call, 'manage');
  const { name, description } = { ...otherwise, ...(await call.body()) };
  const changes = { ...(name !== undefined && { name }), ...(description !== undefined && { description }) };
  const team = await nameInUse(
    parts.changes.make(() => parts.teams.update(organization.id, call.params.group, changes), {
      kind: 'team-changed',
      organization: organization.name,
      team: call.params.group,
      change: 'updated',
    }),
  );
  return Response.json(presentTeam(team));
}

async function nameInUse<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConflictError) throw new FieldsError({ name: [error.message] });
    throw error;
  }
}
