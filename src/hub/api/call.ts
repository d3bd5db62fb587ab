/** One call of the JSON API: who calls, and the input, read and bounded. */
import type { z } from 'zod';
import { DeniedError, InvalidError, UnauthorizedError } from '../../lib/errors.ts';
import type { Account } from '../accounts/account-store.ts';
import type { Session } from '../accounts/session-store.ts';
import { sessionCookie } from '../accounts/start-session.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { actorOf, type Identity, identityOf } from '../auth/actors.ts';
import { type Actor, isAdministrator, isUnlimited } from '../auth/policy.ts';
import { readBounded } from '../bounded-body.ts';
import { identified } from '../request-context.ts';
import { readCookie } from '../cookies.ts';
import type { ApiParts } from './parts.ts';

const maxBody = 512 * 1024;

export interface Caller {
  readonly request: Request;
  readonly url: URL;
  /** Of the client. */
  readonly address: string;
  /** Undefined: nobody has signed in. */
  readonly account: Account | undefined;
  readonly actor: Actor;
  /** The session that the request came with. */
  readonly session: Session | undefined;
}

/** What a handler gets: params and query are read already, the body when it asks for it. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> extends Caller {
  readonly params: Params;
  readonly query: Query;
  /** @throws FieldsError, InvalidError */
  body(): Promise<Body>;
}

export type CallParts = Pick<ApiParts, 'accounts' | 'accessTokens' | 'sessions' | 'originOf'>;

/** Whose session comes with the request, as a bearer token or as the browser's cookie. @throws DeniedError */
export async function callerOf(
  parts: CallParts,
  request: Request,
): Promise<Pick<Caller, 'account' | 'actor' | 'session'>> {
  const bearer = bearerOf(request);
  const secret = bearer ?? readCookie(request, sessionCookie);
  const session = secret === undefined ? undefined : await parts.sessions.find(secret, 'session');
  const identity = session && (await identityBehind(parts, session));
  if (!session || !identity) return { account: undefined, actor: actorOf(undefined), session: undefined };
  if (bearer === undefined) requireSameOrigin(parts, request);
  identified(identity);
  await parts.sessions.touch(session, 'session');
  return { account: identity.account, actor: actorOf(identity), session };
}

function identityBehind(parts: CallParts, session: Session): Promise<Identity | undefined> {
  const accessTokenId = session.access_token_id ?? undefined;
  return identityOf(parts, { accountId: session.account_id, accessTokenId });
}

/** @throws UnauthorizedError */
export function requireAccount({ account }: Caller): Account {
  if (account) return account;
  throw new UnauthorizedError('authentication required: sign in first');
}

/**
 * Of what concerns the account itself: its password, its tokens, its organizations. An access token does not reach there, or
 * it could make another without its limits.
 * @throws UnauthorizedError, DeniedError
 */
export function requirePerson(caller: Caller): Account {
  const account = requireAccount(caller);
  if (isUnlimited(caller.actor)) return account;
  throw new DeniedError('an access token may not do this: sign in with your password');
}

/** @throws UnauthorizedError, DeniedError */
export function requireAdministrator(caller: Caller): Account {
  const account = requirePerson(caller);
  if (!isAdministrator(caller.actor)) throw new DeniedError('only an administrator may do this');
  return account;
}

/** The secret of the session that the request came with. */
export function secretOf(request: Request): string | undefined {
  return bearerOf(request) ?? readCookie(request, sessionCookie);
}

/**
 * Other sites can make a browser send the cookie along, not change the Origin that it tells.
 * SameSite=Lax keeps the cookie from their forms and scripts already; this also stands where a browser is old.
 * @throws DeniedError
 */
export function requireSameOrigin({ originOf }: Pick<ApiParts, 'originOf'>, request: Request): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const origin = request.headers.get('Origin');
  if (origin === null) return;
  const own = [new URL(originOf(request)).host, new URL(request.url).host];
  if (own.includes(URL.parse(origin)?.host ?? '')) return;
  throw new DeniedError('requests from other sites are refused');
}

/** The JSON body. Only application/json is taken: a form of another site cannot send that. @throws FieldsError, InvalidError */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const type = request.headers.get('Content-Type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new InvalidError('the body has to be application/json');
  const result = schema.safeParse(await readJson(request));
  if (result.success) return result.data;
  const fields: Record<string, string[]> = {};
  for (const issue of result.error.issues) {
    (fields[issue.path.join('.') || 'non_field_errors'] ??= []).push(issue.message);
  }
  throw new FieldsError(fields);
}

async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBounded(request, maxBody);
  if (!bytes) throw new InvalidError(`the body has more than ${maxBody} bytes`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new InvalidError('the body is not JSON', { cause });
  }
}

/** `Bearer …`, and `JWT …` of older clients. */
function bearerOf(request: Request): string | undefined {
  return /^(?:bearer|jwt) +(\S+)$/i.exec(request.headers.get('Authorization') ?? '')?.[1];
}
