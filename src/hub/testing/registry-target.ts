/** A registry at a port, for what goes from one hub to another: a hub of the test's, which can be made to misbehave. */
import { HubFixture, type HubSetup } from './hub-fixture.ts';

export class RegistryTarget implements AsyncDisposable {
  readonly hub: HubFixture;
  readonly url: string;
  /** Method and path of every request. */
  readonly requests: string[] = [];
  /** Answers in the hub's place; undefined: the hub does. */
  interfere: (request: Request) => Promise<Response> | Response | undefined = () => undefined;
  readonly #server: Bun.Server<undefined>;

  private constructor(hub: HubFixture) {
    this.hub = hub;
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: async (request) => {
        const { pathname, search } = new URL(request.url);
        this.requests.push(`${request.method} ${pathname}${search}`);
        return (await this.interfere(request)) ?? (await hub.fetch(request.url, request));
      },
    });
    this.url = `http://127.0.0.1:${this.#server.port}`;
  }

  static start(...names: readonly string[]): Promise<RegistryTarget> {
    return RegistryTarget.startWith({}, ...names);
  }

  static async startWith(setup: HubSetup, ...names: readonly string[]): Promise<RegistryTarget> {
    return new RegistryTarget(await HubFixture.createWith(setup, ...names));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
    await this.hub[Symbol.asyncDispose]();
  }
}
