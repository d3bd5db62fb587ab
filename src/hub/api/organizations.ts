/** Organizations: make one, look at one, change it, delete it; and those that one belongs to. */
import { pageQuery } from '../../hub-api/schemas/common.ts';
import {
  createOrganizationSchema,
  organizationPageSchema,
  organizationSchema,
  seenOrganizationSchema,
  updateOrganizationSchema,
} from '../../hub-api/schemas/organizations.ts';
import { z } from 'zod';
import { ConflictError, InvalidError } from '../../lib/errors.ts';
import { type AccountName, parseAccountName } from '../accounts/account-name.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { HubEvent } from '../events.ts';
import { requirePerson } from './call.ts';
import { authorizeIn, organizationParams, roleIn } from './organization-access.ts';
import { pageOf, pageRequest } from './page.ts';
import { presentOrganization, presentRole } from './present-organization.ts';
import { route, type Route } from './route.ts';

const listOwnOrganizations = route({
  method: 'GET',
  path: '/v2/user/orgs',
  id: 'listOwnOrganizations',
  tag: 'Organizations',
  summary: 'The organizations that the caller belongs to.',
  auth: 'required',
  query: z.object(pageQuery),
  answers: { 200: organizationPageSchema },
  async handle(parts, call) {
    const page = pageRequest(call.query);
    const { count, organizations } = await parts.organizations.listOf(requirePerson(call).id, page);
    const results = organizations.map(({ role, ...organization }) => ({
      ...presentOrganization(organization),
      role: presentRole(role),
    }));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const createOrganization = route({
  method: 'POST',
  path: '/v2/orgs',
  id: 'createOrganization',
  tag: 'Organizations',
  summary: 'Make an organization, owned by who makes it. Counts as a sign-up.',
  auth: 'required',
  body: createOrganizationSchema,
  answers: { 201: organizationSchema },
  async handle(parts, call) {
    const account = requirePerson(call);
    parts.limits.takeSignUp(call.address);
    const body = await call.body();
    const attributes = {
      name: readName(body.orgname),
      fullName: body.full_name ?? '',
      company: body.company ?? '',
      location: body.location ?? '',
      ownerId: account.id,
    };
    const organization = await nameInUse(() =>
      parts.changes.make(() => parts.organizations.create(attributes), told(attributes.name, 'created')),
    );
    return Response.json(presentOrganization(organization), { status: 201 });
  },
});

const getOrganization = route({
  method: 'GET',
  path: '/v2/orgs/{org}',
  id: 'getOrganization',
  tag: 'Organizations',
  summary: 'What everybody may know of an organization, and what the caller is to it.',
  auth: 'optional',
  params: organizationParams,
  answers: { 200: seenOrganizationSchema },
  async handle(parts, call) {
    const organization = await parts.organizations.get(call.params.org);
    const role = await roleIn(parts, call, organization);
    return Response.json({
      ...presentOrganization(organization),
      role: role === undefined ? null : presentRole(role),
    });
  },
});

const updateOrganization = route({
  method: 'PATCH',
  path: '/v2/orgs/{org}',
  id: 'updateOrganization',
  tag: 'Organizations',
  summary: 'For an owner: change what everybody may know of it.',
  auth: 'required',
  params: organizationParams,
  body: updateOrganizationSchema,
  answers: { 200: organizationSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const body = await call.body();
    const changed = await parts.changes.make(
      () => parts.accounts.update(organization.id, body),
      told(organization.name, 'updated'),
    );
    return Response.json(presentOrganization(changed));
  },
});

const deleteOrganization = route({
  method: 'DELETE',
  path: '/v2/orgs/{org}',
  id: 'deleteOrganization',
  tag: 'Organizations',
  summary: 'For an owner: delete it, once it has no repositories.',
  auth: 'required',
  params: organizationParams,
  answers: { 204: 'It is gone, with its teams.' },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    await parts.changes.make(
      () => parts.organizations.delete(organization),
      told(organization.name, 'deleted'),
    );
    return new Response(null, { status: 204 });
  },
});

export const organizationRoutes: readonly Route[] = [
  listOwnOrganizations,
  createOrganization,
  getOrganization,
  updateOrganization,
  deleteOrganization,
];

function told(organization: string, change: 'created' | 'updated' | 'deleted'): HubEvent {
  return { kind: 'organization-changed', organization, change };
}

function readName(text: string): AccountName {
  try {
    return parseAccountName(text);
  } catch (error) {
    if (error instanceof InvalidError) throw new FieldsError({ orgname: [error.message] });
    throw error;
  }
}

async function nameInUse<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConflictError) throw new FieldsError({ orgname: [error.message] });
    throw error;
  }
}
