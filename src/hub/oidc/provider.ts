/**
 * The provider at the other end: where browsers are sent, and what it says of whoever comes back. OpenID Connect's code flow with
 * PKCE, by openid-client, which checks state, nonce, issuer, audience, times and the signature by the provider's present keys.
 * https://openid.net/specs/openid-connect-core-1_0.html
 */
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type * as openidClient from 'openid-client';
import type { ClientAuth, Configuration } from 'openid-client';
import { InvalidError, messageOf } from '../../lib/errors.ts';
import { type ProviderLogout, readLogoutToken } from './logout-token.ts';
import type { OidcConfig } from './oidc-config.ts';
import { type ProvedIdentity, readClaims } from './proved-identity.ts';
import { ProviderSignInError } from './provider-error.ts';
import type { AskedStep } from './step-store.ts';

type Library = typeof openidClient;

/** What is checked when the browser comes back. */
type Asked = Pick<AskedStep, 'state' | 'nonce' | 'verifier'>;

/** In seconds, for each request to the provider. */
const timeout = 10;
/** In milliseconds: what the provider tells of itself is asked for anew after that. */
const descriptionLifetime = 3_600_000;
const maxDetail = 400;
/** The library's codes for a provider that did not answer, or not as one. */
const unanswered: ReadonlySet<string> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);

interface Described {
  readonly library: Library;
  readonly configuration: Configuration;
  /** Of the provider's signatures, as it publishes them now. */
  readonly keys: JWTVerifyGetKey;
  readonly until: number;
}

export class Provider {
  readonly config: OidcConfig;
  #described: Promise<Described> | undefined;

  /** Nothing is loaded or asked before somebody signs in. */
  constructor(config: OidcConfig) {
    this.config = config;
  }

  /** @param redirectUri where the browser comes back to. @throws ProviderSignInError when the provider does not answer. */
  async begin(redirectUri: string): Promise<Asked & { readonly url: string }> {
    const { library, configuration } = await this.#describe();
    const state = library.randomState();
    const nonce = library.randomNonce();
    const verifier = library.randomPKCECodeVerifier();
    const url = library.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.config.scopes,
      state,
      nonce,
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { state, nonce, verifier, url: url.href };
  }

  /** @param callback the address that the browser came back to, as a client sees it. @throws ProviderSignInError */
  async prove(callback: URL, { state, nonce, verifier }: Asked): Promise<ProvedIdentity> {
    const { library, configuration } = await this.#describe();
    try {
      const tokens = await library.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = { ...tokens.claims() };
      if (this.#isComplete(claims) || !configuration.serverMetadata().userinfo_endpoint)
        return this.#read(claims);
      const more = await library.fetchUserInfo(configuration, tokens.access_token, String(claims['sub']));
      return this.#read({ ...more, ...claims });
    } catch (error) {
      throw failureOf(library, error);
    }
  }

  /** Where a browser ends its session at the provider too; undefined where there is no such address, or it is not known now. */
  async signOutUrl(returnTo: string): Promise<string | undefined> {
    try {
      const { library, configuration } = await this.#describe();
      if (!configuration.serverMetadata().end_session_endpoint) return undefined;
      return library.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
    } catch (error) {
      if (error instanceof ProviderSignInError) return undefined;
      throw error;
    }
  }

  /** @throws InvalidError when it is no word of the provider's, ProviderSignInError when that cannot be known now. */
  async readLogout(token: string): Promise<ProviderLogout> {
    const { configuration, keys } = await this.#describe();
    const { issuer } = configuration.serverMetadata();
    return await readLogoutToken(token, keys, { issuer, clientId: this.config.clientId });
  }

  #isComplete(claims: Readonly<Record<string, unknown>>): boolean {
    const { groupMap, groupsClaim } = this.config;
    const wanted = ['email', 'preferred_username', ...(groupMap.length > 0 ? [groupsClaim] : [])];
    return wanted.every((claim) => claims[claim] !== undefined);
  }

  #read(claims: Readonly<Record<string, unknown>>): ProvedIdentity {
    return readClaims(claims, this.config.issuer.href, this.config.groupsClaim);
  }

  /** One question for all who sign in at the same time. @throws ProviderSignInError */
  async #describe(): Promise<Described> {
    const before = this.#described;
    if (before) {
      const described = await before;
      if (described.until > Date.now()) return described;
      if (this.#described === before) this.#described = undefined;
    }
    this.#described ??= this.#ask();
    return await this.#described;
  }

  async #ask(): Promise<Described> {
    try {
      // Loaded by who signs in so, not at the start.
      const library = await import('openid-client');
      const { issuer, clientId, clientSecret } = this.config;
      const configuration = await library.discovery(
        issuer,
        clientId,
        undefined,
        authenticationOf(library, clientSecret),
        {
          timeout,
          execute: [
            // Without it an ID token would be believed for the connection that it came by.
            library.enableNonRepudiationChecks,
            // Only on this machine itself: oidc-config.ts.
            ...(issuer.protocol === 'http:' ? [library.allowInsecureRequests] : []),
          ],
        },
      );
      const keys = createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri ?? ''), {
        timeoutDuration: timeout * 1000,
      });
      return { library, configuration, keys, until: Date.now() + descriptionLifetime };
    } catch (error) {
      this.#described = undefined;
      throw new ProviderSignInError('unavailable', `cannot read about the provider: ${detailOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** The secret in a header, as every provider has to take it, unless this one says that it takes it in the body only. */
function authenticationOf(library: Library, secret: string | undefined): ClientAuth {
  if (secret === undefined) return library.None();
  const basic = library.ClientSecretBasic(secret);
  const post = library.ClientSecretPost(secret);
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const takesBasic = methods === undefined || methods.includes('client_secret_basic');
    return (takesBasic ? basic : post)(server, ...rest);
  };
}

function failureOf(library: Library, error: unknown): ProviderSignInError {
  const message = `the sign-in failed: ${detailOf(error)}`;
  if (error instanceof library.AuthorizationResponseError && error.error === 'access_denied')
    return new ProviderSignInError('cancelled', message, { cause: error });
  const isRefusal =
    error instanceof InvalidError ||
    error instanceof library.AuthorizationResponseError ||
    (error instanceof library.ResponseBodyError && error.status < 500) ||
    (error instanceof library.ClientError && !unanswered.has(error.code ?? ''));
  return new ProviderSignInError(isRefusal ? 'refused' : 'unavailable', message, { cause: error });
}

/** For the log: what the library says, and why. A provider's own words are cut. */
function detailOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const { error: code = '', error_description: description = '' } = error as {
    readonly error?: unknown;
    readonly error_description?: unknown;
  };
  return `${messageOf(error)}${cause} ${String(code)} ${String(description)}`.trim().slice(0, maxDetail);
}
