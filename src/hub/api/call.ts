/** One call of the JSON API: who calls, and the input, read and bounded. */
import type { z } from 'zod';
import { DeniedError, InvalidError, UnauthorizedError } from '../../lib/errors.ts';
import type { Account } from '../accounts/account-store.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { type Actor, anonymous } from '../auth/policy.ts';
import { readBounded } from '../bounded-body.ts';
import type { ApiParts } from './parts.ts';

export const sessionCookie = 'cais_session';
const maxBody = 512 * 1024;

export interface Caller {
  readonly request: Request;
  readonly url: URL;
  /** Of the client. */
  readonly address: string;
  /** Undefined: nobody has signed in. */
  readonly account: Account | undefined;
  readonly actor: Actor;
}

/** What a handler gets: params and query are read already, the body when it asks for it. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> extends Caller {
  readonly params: Params;
  readonly query: Query;
  /** @throws FieldsError, InvalidError */
  body(): Promise<Body>;
}

export type CallParts = Pick<ApiParts, 'accounts' | 'sessions' | 'originOf'>;

/** The account whose session comes with the request, as a bearer token or as the browser's cookie. @throws DeniedError */
export async function callerOf(parts: CallParts, request: Request): Promise<Account | undefined> {
  const bearer = bearerOf(request);
  const secret = bearer ?? cookieOf(request);
  if (secret === undefined) return undefined;
  if (bearer === undefined) requireSameOrigin(parts, request);
  const id = await parts.sessions.findAccountId(secret);
  return id === undefined ? undefined : parts.accounts.find(id);
}

export function actorOf(account: Account | undefined): Actor {
  if (!account) return anonymous;
  return { kind: 'account', id: account.id, name: account.name, isAdmin: account.is_admin === 1 };
}

/** @throws UnauthorizedError */
export function requireAccount({ account }: Caller): Account {
  if (account) return account;
  throw new UnauthorizedError('authentication required: sign in first');
}

/** The secret of the session that the request came with. */
export function secretOf(request: Request): string | undefined {
  return bearerOf(request) ?? cookieOf(request);
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

function cookieOf(request: Request): string | undefined {
  const cookies = request.headers.get('Cookie')?.split(';') ?? [];
  const found = cookies
    .map((cookie) => cookie.trim())
    .find((cookie) => cookie.startsWith(`${sessionCookie}=`));
  return found?.slice(sessionCookie.length + 1) || undefined;
}
