/** A browser at a hub in one process with the test: its cookies, and the way through a provider and back. */
import { bodyOf, type HubFixture } from './hub-fixture.ts';

export class ProviderVisitor {
  readonly hub: HubFixture;
  readonly cookies = new Map<string, string>();

  constructor(hub: HubFixture) {
    this.hub = hub;
  }

  async send(method: string, path: string, body?: object): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.hub.send(method, path, {
      headers: cookie === '' ? {} : { Cookie: cookie },
      ...(body && { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split(/=(.*)/s);
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Clicks the button. @returns where the provider is asked. */
  async leave(query: Readonly<Record<string, string>> = {}): Promise<string> {
    return locationOf(await this.send('GET', `/oidc/sign-in?${new URLSearchParams(query)}`));
  }

  /** Comes back from the provider. @returns where the hub leads to. */
  async arrive(callback: string): Promise<string> {
    return locationOf(await this.send('GET', callback));
  }

  /** Who is signed in here; undefined is nobody. */
  async whoAmI(): Promise<string | undefined> {
    const response = await this.send('GET', '/v2/user');
    return response.status === 200 ? (await bodyOf<{ username: string }>(response)).username : undefined;
  }
}

export function locationOf(response: Response): string {
  return response.headers.get('Location') ?? `no Location but ${response.status}`;
}
