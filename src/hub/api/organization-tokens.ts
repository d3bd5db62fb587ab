/** Access tokens of organizations: for programs that belong to nobody, in Docker Hub's shapes. */
import { z } from 'zod';
import {
  accessTokenListQuery,
  createOrganizationTokenSchema,
  organizationTokenPageSchema,
  organizationTokenSchema,
  updateOrganizationTokenSchema,
} from '../../hub-api/schemas/access-tokens.ts';
import { type AccessToken, type NewAccessToken, organizationPrefix } from '../accounts/access-token-store.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { TokenLimits } from '../auth/policy.ts';
import { authorizeIn, organizationParams } from './organization-access.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { presentOrganizationToken } from './present-organization-token.ts';
import { route, type Route } from './route.ts';
import { readExpiry, readRepository, tokenChanged, widest } from './token-input.ts';

const tokenParams = organizationParams.extend({ id: z.string() });
const noStore = { headers: { 'Cache-Control': 'no-store' } };

/** What Docker Hub calls the rights that access tokens of people have by other names. */
const scopeOf = {
  'repo-pull': 'read',
  'repo-push': 'write',
  'repo-delete': 'delete',
  'repo-admin': 'admin',
} as const;
const everythingPublic = '*/*/public';

const createOrganizationToken = route({
  method: 'POST',
  path: '/v2/orgs/{org}/access-tokens',
  id: 'createOrganizationToken',
  tag: 'Access tokens',
  summary: 'For an owner: make an access token that speaks for the organization. Its name is the username.',
  auth: 'required',
  params: organizationParams,
  body: createOrganizationTokenSchema,
  answers: { 201: organizationTokenSchema },
  async handle(parts, call) {
    const { organization, account } = await authorizeIn(parts, call, 'manage');
    const body = await call.body();
    const { scope, repositories } = readResources(organization.name, body.resources);
    const attributes: NewAccessToken = {
      accountId: organization.id,
      createdBy: account.id,
      prefix: organizationPrefix,
      label: body.label,
      description: body.description ?? '',
      scope,
      repositories: repositories && [...repositories],
      address: call.address,
      userAgent: call.request.headers.get('User-Agent') ?? '',
      expiresAt: readExpiry(body.expires_at),
    };
    const { token, secret } = await parts.changes.make(
      () => parts.accessTokens.create(attributes),
      (made) => [tokenChanged(organization.name, made.token, 'created')],
    );
    const answer = presentOrganizationToken(organization.name, token, account.name);
    return Response.json({ ...answer, token: secret }, { status: 201, ...noStore });
  },
});

const listOrganizationTokens = route({
  method: 'GET',
  path: '/v2/orgs/{org}/access-tokens',
  id: 'listOrganizationTokens',
  tag: 'Access tokens',
  summary: 'For an owner: the access tokens of the organization, the newest first.',
  auth: 'required',
  params: organizationParams,
  query: accessTokenListQuery,
  answers: { 200: organizationTokenPageSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const page = pageRequest(call.query);
    const { count, tokens } = await parts.accessTokens.list(organization.id, page);
    const told = await Promise.all(tokens.map((token) => describe(parts, organization.name, token)));
    const { count: total, ...rest } = pageOf(parts.originOf(call.request), call.url, page, count, told);
    return Response.json({ total, ...rest }, noStore);
  },
});

const getOrganizationToken = route({
  method: 'GET',
  path: '/v2/orgs/{org}/access-tokens/{id}',
  id: 'getOrganizationToken',
  tag: 'Access tokens',
  summary: 'For an owner: one access token of the organization.',
  auth: 'required',
  params: tokenParams,
  answers: { 200: organizationTokenSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const token = await parts.accessTokens.get(organization.id, call.params.id);
    return Response.json(await describe(parts, organization.name, token), noStore);
  },
});

const updateOrganizationToken = route({
  method: 'PATCH',
  path: '/v2/orgs/{org}/access-tokens/{id}',
  id: 'updateOrganizationToken',
  tag: 'Access tokens',
  summary: 'For an owner: rename a token of the organization, or stop and start it.',
  auth: 'required',
  params: tokenParams,
  body: updateOrganizationTokenSchema,
  answers: { 200: organizationTokenSchema },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const { label, description, is_active: isActive } = await call.body();
    const token = await parts.changes.make(
      () => parts.accessTokens.update(organization.id, call.params.id, { label, description, isActive }),
      (changed) => [tokenChanged(organization.name, changed, 'updated')],
    );
    return Response.json(await describe(parts, organization.name, token), noStore);
  },
});

const deleteOrganizationToken = route({
  method: 'DELETE',
  path: '/v2/orgs/{org}/access-tokens/{id}',
  id: 'deleteOrganizationToken',
  tag: 'Access tokens',
  summary: 'For an owner: take a token of the organization away.',
  auth: 'required',
  params: tokenParams,
  answers: { 204: 'It works no more.' },
  async handle(parts, call) {
    const { organization } = await authorizeIn(parts, call, 'manage');
    const token = await parts.accessTokens.get(organization.id, call.params.id);
    await parts.changes.make(
      () => parts.accessTokens.delete(organization.id, token.uuid),
      tokenChanged(organization.name, token, 'deleted'),
    );
    return new Response(null, { status: 204 });
  },
});

export const organizationTokenRoutes: readonly Route[] = [
  createOrganizationToken,
  listOrganizationTokens,
  getOrganizationToken,
  updateOrganizationToken,
  deleteOrganizationToken,
];

type Resource = z.output<typeof createOrganizationTokenSchema>['resources'][number];

/** One token has the same rights wherever it reaches. What is public is open to every token. @throws FieldsError */
function readResources(organization: string, resources: readonly Resource[]): TokenLimits {
  const own = resources.filter(({ path }) => path !== everythingPublic);
  const scopes = new Set(own.map((each) => widest(each.scopes.map((scope) => scopeOf[scope]))));
  const [scope = 'public_read', ...others] = scopes;
  if (others.length > 0) {
    throw new FieldsError({
      resources: ['the scopes have to be the same everywhere: make a token for each'],
    });
  }
  if (own.some(({ path }) => path === `${organization}/*`)) return { scope, repositories: undefined };
  const paths = own.map(({ path }) => readRepository('resources', path));
  const foreign = paths.find(({ namespace }) => namespace !== organization);
  if (foreign)
    throw new FieldsError({ resources: [`${foreign.path} is not a repository of ${organization}`] });
  return { scope, repositories: new Set(paths.map(({ path }) => path)) };
}

async function describe(
  { accounts }: ApiParts,
  organization: string,
  token: AccessToken,
): Promise<z.output<typeof organizationTokenSchema>> {
  const creator = token.created_by === null ? undefined : await accounts.find(token.created_by);
  return presentOrganizationToken(organization, token, creator?.name ?? '');
}
