/** A provider whose every word a test decides: ID tokens that no honest one gives, codes that it never gave, silence. */
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';

type Claims = Readonly<Record<string, unknown>>;

export class LyingProvider implements AsyncDisposable {
  /** In place of an honest token's, or with `undefined` left out. */
  claims: Claims = {};
  /** Of the answer that the browser carries. */
  answer: Readonly<Record<string, string>> = {};
  /** Of the description of itself. */
  description: Claims = {};
  signature: 'honest' | 'none' | 'hs256' | 'stranger' = 'honest';
  /** What the token endpoint answers. */
  tokenStatus = 200;
  readonly codes = new Set<string>();
  #keys = newKeys('1');
  readonly #server: Bun.Server<undefined>;

  constructor() {
    this.#server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => this.#fetch(request) });
  }

  get issuer(): string {
    return this.#server.url.origin;
  }

  settings(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return { CAIS_HUB_OIDC_ISSUER: this.issuer, CAIS_HUB_OIDC_CLIENT_ID: 'cais', ...more };
  }

  /** The key that signs from now on, and the only one that is published. */
  rotate(kid: string): void {
    this.#keys = newKeys(kid);
  }

  /** What a browser brings back: a code that is good once, with the nonce of the question. */
  callback(authorization: string, change: Readonly<Record<string, string>> = {}): string {
    const asked = new URL(authorization).searchParams;
    const code = `code-${this.codes.size}.${asked.get('nonce')}`;
    this.codes.add(code);
    const query = { code, state: asked.get('state') ?? '', ...this.answer, ...change };
    return `${asked.get('redirect_uri')}?${new URLSearchParams(query)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/.well-known/openid-configuration') return Response.json(this.#describe());
    if (pathname === '/jwks') return Response.json({ keys: [(await this.#keys).publicJwk] });
    if (pathname !== '/token') return new Response('?', { status: 404 });
    const code = new URLSearchParams(await request.text()).get('code') ?? '';
    if (this.tokenStatus !== 200) return new Response('<html>', { status: this.tokenStatus });
    if (!this.codes.delete(code)) return Response.json({ error: 'invalid_grant' }, { status: 400 });
    const idToken = await this.#idToken(code.split('.', 2)[1] ?? '');
    return Response.json({ access_token: 'a', token_type: 'Bearer', id_token: idToken });
  }

  #describe(): Claims {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...this.description,
    };
  }

  /** That `mallory` has signed out there. @param change in place of an honest token's claims, or with `undefined` left out. */
  logoutToken(change: Claims = {}): Promise<string> {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    return this.#sign({ jti: crypto.randomUUID(), events, ...change });
  }

  #idToken(nonce: string): Promise<string> {
    return this.#sign({ nonce, preferred_username: 'mallory', ...this.claims });
  }

  async #sign(more: Claims): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, sub: 'mallory', aud: 'cais', iat: now, exp: now + 300, ...more };
    const { privateKey, publicJwk } = await this.#keys;
    const { kid } = publicJwk;
    const signed = (alg: string) => new SignJWT(claims).setProtectedHeader({ alg, kid });
    if (this.signature === 'none') return new UnsecuredJWT(claims).encode();
    if (this.signature === 'stranger')
      return signed('RS256').sign((await generateKeyPair('RS256')).privateKey);
    // The public key as a shared secret, which is an old trick.
    if (this.signature === 'hs256')
      return signed('HS256').sign(new TextEncoder().encode(JSON.stringify(publicJwk)));
    return signed('RS256').sign(privateKey);
  }
}

async function newKeys(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}
