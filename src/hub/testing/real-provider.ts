/** A certified OpenID Connect provider on the loopback interface, with people whose claims a test changes as it goes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { providerLogoutPath } from '../../hub-api/sign-in-address.ts';
import { CorruptError } from '../../lib/errors.ts';

type Claims = Readonly<Record<string, unknown>>;

const clientSecret = 'a-secret-of-the-provider-and-the-hub';

export class RealProvider implements AsyncDisposable {
  /** What the provider knows, by the name that they sign in with there. */
  readonly people = new Map<string, Claims>();
  /** Takes what the provider sends to the hub itself, in place of a hub that has a port. */
  backChannel: (url: string, init: RequestInit) => Promise<Response> = (url, init) => fetch(url, init);
  readonly #server = createServer();
  #issuer = '';

  /** Listens: its address is known, and nobody is let in before `admit`. */
  static async start(): Promise<RealProvider> {
    const started = new RealProvider();
    await new Promise<void>((resolve) => {
      started.#server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = started.#server.address() as AddressInfo;
    started.#issuer = `http://127.0.0.1:${port}`;
    return started;
  }

  get issuer(): string {
    return this.#issuer;
  }

  /** A hub's environment. @param more is added to it, or in place of it. */
  settings(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return {
      CAIS_HUB_OIDC_ISSUER: this.#issuer,
      CAIS_HUB_OIDC_CLIENT_ID: 'cais',
      CAIS_HUB_OIDC_CLIENT_SECRET: clientSecret,
      CAIS_HUB_OIDC_SCOPES: 'openid profile email groups',
      CAIS_HUB_OIDC_NAME: 'Company',
      ...more,
    };
  }

  /** @param cookies of the browser, which keeps its session there in them. @returns where the browser is sent back to. */
  async signIn(authorization: string, login: string, cookies = new Map<string, string>()): Promise<string> {
    let response = await send(authorization, cookies);
    for (let step = 0; step < 10; step++) {
      const location = response.headers.get('Location');
      if (location !== null) {
        const next = new URL(location, this.#issuer);
        if (next.origin !== this.#issuer) return next.href;
        response = await send(next.href, cookies);
        continue;
      }
      const action = /action="([^"]+)"/.exec(await response.text())?.[1];
      if (action === undefined) throw new CorruptError(`the provider has no form: ${response.status}`);
      response = await send(new URL(action, this.#issuer).href, cookies, new URLSearchParams({ login }));
    }
    throw new CorruptError('the provider leads nowhere');
  }

  /** Ends the session of the browser with these cookies, as somebody does on the provider's own page. */
  async signOut(cookies: Map<string, string>): Promise<void> {
    const page = await (await send(`${this.#issuer}/session/end`, cookies)).text();
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page) ?? [];
    const sure = new URLSearchParams({ xsrf, logout: 'yes' });
    const { status } = await send(`${this.#issuer}/session/end/confirm`, cookies, sure);
    if (status !== 303) throw new CorruptError(`the provider does not sign out: ${status}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  /** @param hub its origin: where browsers may be sent back to. */
  async admit(hub: string): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const provider = new Provider(this.#issuer, {
      jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
      cookies: { keys: ['a key of the cookies of the test'] },
      clients: [
        {
          client_id: 'cais',
          client_secret: clientSecret,
          redirect_uris: [`${hub}/oidc/callback`],
          post_logout_redirect_uris: [`${hub}/`],
          backchannel_logout_uri: `${hub}${providerLogoutPath}`,
          backchannel_logout_session_required: true,
        },
      ],
      claims: {
        openid: ['sub'],
        email: ['email', 'email_verified'],
        profile: ['preferred_username', 'name'],
        groups: ['groups'],
      },
      // As most do: all but `sub` is told at the userinfo endpoint.
      pkce: { required: () => true },
      fetch: (input, init) => this.backChannel(new Request(input).url, init as RequestInit),
      features: {
        backchannelLogout: { enabled: true },
        devInteractions: { enabled: false },
        // Its own page asks for a font from elsewhere.
        rpInitiatedLogout: {
          logoutSource(context, form) {
            context.body = `<!doctype html><html lang="en"><title>Company</title>${form}
              <button form="op.logoutForm" name="logout" value="yes">Sign out of Company</button></html>`;
          },
        },
      },
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_context, accountId) => ({
        accountId,
        claims: () => Promise.resolve({ sub: accountId, ...this.people.get(accountId) }),
      }),
      // Nobody is asked whether they agree.
      async loadExistingGrant({ oidc }) {
        const { client, session, provider: own } = oidc;
        const grant = new own.Grant({ clientId: client?.clientId, accountId: session?.accountId });
        grant.addOIDCScope('openid profile email groups');
        await grant.save();
        return grant;
      },
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    });
    const answer = provider.callback();
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.url?.startsWith('/interaction/')) void interact(provider, request, response);
      else void answer(request, response);
    });
  }
}

/** A page that asks for a name and believes it; without one the reader gives up. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><html lang="en"><title>Company</title>
      <form method="post" action="${request.url ?? ''}"><label>Login <input name="login"></label>
      <button>Continue</button></form>`);
    return;
  }
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
  const accountId = new URLSearchParams(body).get('login') ?? '';
  const result =
    accountId === ''
      ? { error: 'access_denied', error_description: '<script>alert(1)</script>' }
      : { login: { accountId } };
  await provider.interactionFinished(request, response, result);
}

async function send(url: string, cookies: Map<string, string>, body?: URLSearchParams): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    method: body ? 'POST' : 'GET',
    headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(body && { body }),
  });
  for (const cookie of response.headers.getSetCookie()) {
    const [name = '', value = ''] = (cookie.split(';', 1)[0] ?? '').split(/=(.*)/s);
    cookies.set(name, value);
  }
  return response;
}
