/** Personal access tokens, in Docker Hub's shapes; also at the address that hub-tool knows. */
import { z } from 'zod';
import {
  accessTokenListQuery,
  accessTokenPageSchema,
  accessTokenSchema,
  createAccessTokenSchema,
  updateAccessTokenSchema,
} from '../../hub-api/schemas/access-tokens.ts';
import { type NewAccessToken, personalPrefix } from '../accounts/access-token-store.ts';
import { requirePerson } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import { presentAccessToken } from './present-account.ts';
import { route, type Route } from './route.ts';
import { readExpiry, readRepository, tokenChanged, widest } from './token-input.ts';

const tokenParams = z.object({ uuid: z.string() });
const noStore = { headers: { 'Cache-Control': 'no-store' } };

const createAccessToken = route({
  method: 'POST',
  path: '/v2/access-tokens',
  aliases: ['/v2/api_tokens'],
  id: 'createAccessToken',
  tag: 'Access tokens',
  summary: 'Make a personal access token: a password for a program, with rights of its own.',
  auth: 'required',
  body: createAccessTokenSchema,
  answers: { 201: accessTokenSchema },
  async handle(parts, call) {
    const account = requirePerson(call);
    const body = await call.body();
    const attributes: NewAccessToken = {
      accountId: account.id,
      createdBy: account.id,
      prefix: personalPrefix,
      label: body.token_label,
      description: '',
      scope: widest(body.scopes.map((scope) => scope.slice('repo:'.length))),
      repositories: body.repositories?.map((text) => readRepository('repositories', text).path),
      address: call.address,
      userAgent: call.request.headers.get('User-Agent') ?? '',
      expiresAt: readExpiry(body.expires_at),
    };
    const { token, secret } = await parts.changes.make(
      () => parts.accessTokens.create(attributes),
      (made) => [tokenChanged(account.name, made.token, 'created')],
    );
    return Response.json(presentAccessToken(token, secret), { status: 201, ...noStore });
  },
});

const listAccessTokens = route({
  method: 'GET',
  path: '/v2/access-tokens',
  aliases: ['/v2/api_tokens'],
  id: 'listAccessTokens',
  tag: 'Access tokens',
  summary: 'The personal access tokens of the account, the newest first.',
  auth: 'required',
  query: accessTokenListQuery,
  answers: { 200: accessTokenPageSchema },
  async handle(parts, call) {
    const account = requirePerson(call);
    const page = pageRequest(call.query);
    const { count, active, tokens } = await parts.accessTokens.list(account.id, page);
    const results = tokens.map((token) => presentAccessToken(token));
    const body = pageOf(parts.originOf(call.request), call.url, page, count, results);
    return Response.json({ ...body, active_count: active }, noStore);
  },
});

const getAccessToken = route({
  method: 'GET',
  path: '/v2/access-tokens/{uuid}',
  aliases: ['/v2/api_tokens/{uuid}'],
  id: 'getAccessToken',
  tag: 'Access tokens',
  summary: 'One personal access token.',
  auth: 'required',
  params: tokenParams,
  answers: { 200: accessTokenSchema },
  async handle({ accessTokens }, call) {
    const account = requirePerson(call);
    return Response.json(presentAccessToken(await accessTokens.get(account.id, call.params.uuid)), noStore);
  },
});

const updateAccessToken = route({
  method: 'PATCH',
  path: '/v2/access-tokens/{uuid}',
  aliases: ['/v2/api_tokens/{uuid}'],
  id: 'updateAccessToken',
  tag: 'Access tokens',
  summary: 'Rename a token, or stop and start it.',
  auth: 'required',
  params: tokenParams,
  body: updateAccessTokenSchema,
  answers: { 200: accessTokenSchema },
  async handle({ accessTokens, changes }, call) {
    const account = requirePerson(call);
    const { token_label: label, is_active: isActive } = await call.body();
    const token = await changes.make(
      () => accessTokens.update(account.id, call.params.uuid, { label, isActive }),
      (changed) => [tokenChanged(account.name, changed, 'updated')],
    );
    return Response.json(presentAccessToken(token), noStore);
  },
});

const deleteAccessToken = route({
  method: 'DELETE',
  path: '/v2/access-tokens/{uuid}',
  aliases: ['/v2/api_tokens/{uuid}'],
  id: 'deleteAccessToken',
  tag: 'Access tokens',
  summary: 'Take a token away, with whatever was signed in by it.',
  auth: 'required',
  params: tokenParams,
  answers: { 204: 'It works no more.' },
  async handle(parts, call) {
    const account = requirePerson(call);
    const token = await parts.accessTokens.get(account.id, call.params.uuid);
    await parts.changes.make(
      () => parts.accessTokens.delete(account.id, token.uuid),
      tokenChanged(account.name, token, 'deleted'),
    );
    return new Response(null, { status: 204 });
  },
});

export const accessTokenRoutes: readonly Route[] = [
  createAccessToken,
  listAccessTokens,
  getAccessToken,
  updateAccessToken,
  deleteAccessToken,
];
