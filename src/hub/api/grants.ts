/** Rights on one repository: of teams, at Docker Hub's address for groups, and of collaborators. */
import {
  collaboratorPageSchema,
  collaboratorSchema,
  grantCollaboratorSchema,
  grantListQuery,
  grantTeamSchema,
  teamGrantPageSchema,
  teamGrantSchema,
} from '../../hub-api/schemas/organizations.ts';
import { z } from 'zod';
import { NotFoundError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { authorize } from './access.ts';
import { requirePerson } from './call.ts';
import { getPerson } from './organization-access.ts';
import { pageOf, pageRequest } from './page.ts';
import { presentTeamGrant } from './present-organization.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const teamGrantParams = repositoryParams.extend({ group_id: z.string().regex(/^\d{1,15}$/) });
const collaboratorParams = repositoryParams.extend({ username: z.string() });

const listTeamGrants = route({
  method: 'GET',
  ...below('/groups'),
  id: 'listTeamGrants',
  tag: 'Organizations',
  summary: 'For an administrator of the repository: which teams have rights on it.',
  auth: 'required',
  params: repositoryParams,
  query: grantListQuery,
  answers: { 200: teamGrantPageSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'admin');
    const page = pageRequest(call.query);
    const { count, grants } = await parts.grants.teams(repository.id, page);
    const results = grants.map(presentTeamGrant);
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const grantTeam = route({
  method: 'POST',
  ...below('/groups'),
  id: 'grantTeam',
  tag: 'Organizations',
  summary: 'Give a team of the organization a right on the repository, or change it.',
  auth: 'required',
  params: repositoryParams,
  body: grantTeamSchema,
  answers: { 200: teamGrantSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    const account = requirePerson(call).name;
    const { group_id: teamId, permission } = await call.body();
    const grant = await parts.changes.make(
      () => parts.grants.grantTeam(repository.id, path.namespace, teamId, permission),
      ({ teamName }) => [
        { kind: 'right-changed', repository: path.path, to: `team ${teamName}`, permission, account },
      ],
    );
    return Response.json(presentTeamGrant(grant));
  },
});

const revokeTeam = route({
  method: 'DELETE',
  ...below('/groups/{group_id}'),
  id: 'revokeTeam',
  tag: 'Organizations',
  summary: 'Take a team’s right on the repository away.',
  auth: 'required',
  params: teamGrantParams,
  answers: { 204: 'The team has no right on it.' },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    const account = requirePerson(call).name;
    const id = call.params.group_id;
    await parts.changes.make(() => parts.grants.revokeTeam(repository.id, Number(id)), {
      kind: 'right-changed',
      repository: path.path,
      to: `team ${id}`,
      permission: 'none',
      account,
    });
    return new Response(null, { status: 204 });
  },
});

const listCollaborators = route({
  method: 'GET',
  ...below('/collaborators'),
  id: 'listCollaborators',
  tag: 'Repositories',
  summary: 'For an administrator of the repository: who else has rights on it.',
  auth: 'required',
  params: repositoryParams,
  query: grantListQuery,
  answers: { 200: collaboratorPageSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'admin');
    const page = pageRequest(call.query);
    const { count, grants } = await parts.grants.collaborators(repository.id, page);
    const results = grants.map(({ name, permission }) => ({ user: name, permission }));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const grantCollaborator = route({
  method: 'POST',
  ...below('/collaborators'),
  id: 'grantCollaborator',
  tag: 'Repositories',
  summary: 'Give somebody a right on the repository, or change it.',
  auth: 'required',
  params: repositoryParams,
  body: grantCollaboratorSchema,
  answers: { 200: collaboratorSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    const account = requirePerson(call).name;
    const { user, permission } = await call.body();
    const person = await asField(getPerson(parts, user));
    if (person.name === path.namespace) throw new FieldsError({ user: ['the repository is theirs already'] });
    await parts.changes.make(() => parts.grants.grantCollaborator(repository.id, person.id, permission), {
      kind: 'right-changed',
      repository: path.path,
      to: person.name,
      permission,
      account,
    });
    return Response.json({ user: person.name, permission });
  },
});

const revokeCollaborator = route({
  method: 'DELETE',
  ...below('/collaborators/{username}'),
  id: 'revokeCollaborator',
  tag: 'Repositories',
  summary: 'Take somebody’s right on the repository away, or one’s own.',
  auth: 'required',
  params: collaboratorParams,
  answers: { 204: 'They have no right of their own on it.' },
  async handle(parts, call) {
    const isOwn = call.account?.name === call.params.username;
    const { path, repository } = await authorize(parts, call, isOwn ? 'pull' : 'admin');
    const account = requirePerson(call).name;
    const person = await getPerson(parts, call.params.username);
    await parts.changes.make(() => parts.grants.revokeCollaborator(repository.id, person.id), {
      kind: 'right-changed',
      repository: path.path,
      to: person.name,
      permission: 'none',
      account,
    });
    return new Response(null, { status: 204 });
  },
});

export const grantRoutes: readonly Route[] = [
  listTeamGrants,
  grantTeam,
  revokeTeam,
  listCollaborators,
  grantCollaborator,
  revokeCollaborator,
];

async function asField<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotFoundError) throw new FieldsError({ user: [error.message] });
    throw error;
  }
}
