/**
 * Answers a registry's challenges: Basic, or a bearer token fetched from the token server that it names.
 * One Authorizer serves one registry for one operation; tokens are kept for each set of scopes.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
import { DeniedError, UnauthorizedError } from '../../lib/errors.ts';
import { formatScope, mergeScopes, parseChallenges, parseScopes, type Scope } from './challenge.ts';
import { basicAuthorization, type Credentials, mayReceiveCredentials } from './credentials.ts';
import { mayLeadTo } from './endpoint.ts';
import { domainError, readRegistryError } from './errors.ts';
import { readBounded } from './response-body.ts';
import { type Following, send } from './transport.ts';

interface TokenService {
  readonly realm: URL;
  readonly service: string | undefined;
}

interface Token {
  readonly authorization: string;
  readonly expires: number;
}

export interface AuthorizerOptions {
  readonly credentials: Credentials;
  readonly insecure: boolean;
  /** Ask for a refresh token, as `login` does. */
  readonly offline?: boolean;
  /** As of ConnectionOptions. */
  readonly beforeFollowing?: Following | undefined;
}

const clientId = 'cais';
/** A token that is about to end is not sent: a body that streams can't be sent again. */
const leewayMilliseconds = 10_000;
const defaultLifetimeSeconds = 60;
/** In milliseconds: a token server that is silent must not keep the registry's callers for ever. */
const patience = 60_000;
const maxTokenBody = 1024 * 1024;

export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Promise<Token>>();
  #basic: string | undefined;
  #service: TokenService | undefined;
  #identityToken: string | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The refresh token that the last token answer brought, if any. */
  get identityToken(): string | undefined {
    return this.#identityToken;
  }

  /** The Authorization header for these scopes, as far as the registry's wishes are known. */
  async authorization(scopes: readonly Scope[]): Promise<string | undefined> {
    const { credentials } = this.#options;
    if (credentials.kind === 'registry-token') return `Bearer ${credentials.token}`;
    if (this.#basic) return this.#basic;
    if (!this.#service) return undefined;
    return (await this.#token(this.#service, mergeScopes(scopes))).authorization;
  }

  /**
   * Takes up the challenge of a 401.
   * @returns the header to try again with, or undefined when there is nothing more to offer.
   */
  async answer(response: Response, registry: URL, scopes: readonly Scope[]): Promise<string | undefined> {
    const challenges = parseChallenges(response.headers.get('WWW-Authenticate') ?? '');
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) {
      this.#service = await this.#serviceOf(bearer.parameters, registry);
      const asked = mergeScopes([...parseScopes(bearer.parameters['scope'] ?? ''), ...scopes]);
      this.#tokens.delete(keyOf(asked));
      this.#tokens.delete(keyOf(mergeScopes(scopes)));
      return (await this.#token(this.#service, asked, mergeScopes(scopes))).authorization;
    }
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
    const { credentials } = this.#options;
    if (credentials.kind !== 'password') throw new UnauthorizedError('no basic auth credentials');
    this.#basic = basicAuthorization(credentials.username, credentials.password);
    return this.#basic;
  }

  async #serviceOf(parameters: Readonly<Record<string, string>>, registry: URL): Promise<TokenService> {
    const realm = URL.parse(parameters['realm'] ?? '');
    if (!realm || (realm.protocol !== 'https:' && realm.protocol !== 'http:')) {
      throw new UnauthorizedError(`${registry.host} does not tell where its tokens come from`);
    }
    // What is found there is shown to the registry. Who asks before following has a rule of its own.
    if (!this.#options.beforeFollowing && !mayLeadTo(realm, registry))
      throw new DeniedError(`${registry.host} asks to fetch a token from ${realm.origin}: refused`);
    if (this.#options.credentials.kind !== 'anonymous' && !mayReceiveCredentials(realm, registry)) {
      throw new DeniedError(
        `${registry.host} asks to send its password to ${realm.origin}, which is not its own: refused`,
      );
    }
    return { realm, service: parameters['service'] };
  }

  /** @param also another set of scopes that this token serves: what is asked for is at least that. */
  async #token(
    service: TokenService,
    scopes: readonly Scope[],
    also: readonly Scope[] = scopes,
  ): Promise<Token> {
    const key = keyOf(scopes);
    const known = await this.#tokens.get(key)?.catch(() => undefined);
    if (known && known.expires > Date.now() + leewayMilliseconds) return known;
    const fetched = this.#fetchToken(service, scopes);
    this.#tokens.set(key, fetched);
    this.#tokens.set(keyOf(also), fetched);
    return fetched;
  }

  async #fetchToken({ realm, service }: TokenService, scopes: readonly Scope[]): Promise<Token> {
    const { credentials, insecure, offline, beforeFollowing } = this.#options;
    const signal = AbortSignal.timeout(patience);
    const response =
      credentials.kind === 'identity-token'
        ? await send({
            method: 'POST',
            url: realm,
            insecure,
            signal,
            beforeFollowing,
            isLed: true,
            headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({
              grant_type: 'refresh_token',
              refresh_token: credentials.token,
              client_id: clientId,
              ...(service && { service }),
              ...(scopes.length > 0 && { scope: scopes.map(formatScope).join(' ') }),
            }).toString(),
          })
        : await send({
            method: 'GET',
            url: tokenUrl(realm, service, scopes, credentials, offline ?? false),
            insecure,
            signal,
            beforeFollowing,
            isLed: true,
            ...(credentials.kind === 'password' && {
              headers: { Authorization: basicAuthorization(credentials.username, credentials.password) },
            }),
          });
    if (response.status !== 200) throw domainError(await readRegistryError(response, false));
    return this.#readToken(response);
  }

  async #readToken(response: Response): Promise<Token> {
    const issued = Date.now();
    const body = await readJson(response);
    const token = body['token'] ?? body['access_token'];
    if (typeof token !== 'string' || token === '')
      throw new UnauthorizedError('the token server sent no token');
    const refresh = body['refresh_token'];
    if (typeof refresh === 'string' && refresh !== '') this.#identityToken = refresh;
    const lifetime = Number(body['expires_in'] ?? defaultLifetimeSeconds);
    const seconds = Number.isFinite(lifetime)
      ? Math.max(lifetime, defaultLifetimeSeconds)
      : defaultLifetimeSeconds;
    return { authorization: `Bearer ${token}`, expires: issued + seconds * 1000 };
  }
}

function keyOf(scopes: readonly Scope[]): string {
  return scopes.map(formatScope).toSorted().join(' ');
}

function tokenUrl(
  realm: URL,
  service: string | undefined,
  scopes: readonly Scope[],
  credentials: Credentials,
  offline: boolean,
): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', formatScope(scope));
  url.searchParams.set('client_id', clientId);
  if (credentials.kind === 'password') url.searchParams.set('account', credentials.username);
  if (offline) url.searchParams.set('offline_token', 'true');
  return url;
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  const bytes = await readBounded(response, maxTokenBody);
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (cause) {
    throw new UnauthorizedError('the answer of the token server is not JSON', { cause });
  }
}
