/** An organization for tests, and people who do something with it, each with a session of theirs. */
import { CorruptError } from '../../lib/errors.ts';
import { bodyOf, HubFixture } from './hub-fixture.ts';

export class Acme implements AsyncDisposable {
  readonly hub: HubFixture;
  readonly #sessions: ReadonlyMap<string, string>;

  private constructor(hub: HubFixture, sessions: ReadonlyMap<string, string>) {
    this.hub = hub;
    this.#sessions = sessions;
  }

  /** An organization of alice's; bob, carol and dave belong to nothing yet. */
  static async create(): Promise<Acme> {
    const names = ['root1', 'alice', 'bob', 'carol', 'dave'];
    const hub = await HubFixture.create(...names);
    const sessions = new Map<string, string>();
    for (const name of names) sessions.set(name, await hub.session(name));
    const acme = new Acme(hub, sessions);
    await acme.#done('alice', 'POST', '/v2/orgs', { orgname: 'acme' });
    return acme;
  }

  send(who: string | undefined, method: string, path: string, body?: object): Promise<Response> {
    const token = who === undefined ? undefined : this.#sessions.get(who);
    return this.hub.send(method, path, { token, ...(body && { body }) });
  }

  async status(...call: Parameters<Acme['send']>): Promise<number> {
    return (await this.send(...call)).status;
  }

  async json<T = Record<string, unknown>>(...call: Parameters<Acme['send']>): Promise<T> {
    return bodyOf<T>(await this.send(...call));
  }

  join(name: string, role: string): Promise<number> {
    return this.status('alice', 'PUT', `/v2/orgs/acme/members/${name}`, { role });
  }

  /** A team with these members; its number. */
  async team(name: string, ...members: readonly string[]): Promise<number> {
    const { id } = await this.json<{ id: number }>('alice', 'POST', '/v2/orgs/acme/groups', { name });
    for (const member of members) {
      await this.#done('alice', 'POST', `/v2/orgs/acme/groups/${name}/members`, { member });
    }
    return id;
  }

  async createPrivate(name: string): Promise<void> {
    const body = { namespace: 'acme', name, is_private: true };
    await this.#done('alice', 'POST', '/v2/repositories', body);
  }

  /** What a registry token opens of a repository now. */
  async actions(name: string, repository: string): Promise<string> {
    const token = await this.hub.fullToken(name, repository);
    const tries: [action: string, method: string, path: string][] = [
      ['pull', 'GET', `/v2/${repository}/tags/list`],
      ['push', 'POST', `/v2/${repository}/blobs/uploads/`],
      ['delete', 'DELETE', `/v2/${repository}/manifests/none`],
    ];
    const allowed: string[] = [];
    for (const [action, method, path] of tries) {
      if ((await this.hub.send(method, path, { token })).status !== 401) allowed.push(action);
    }
    return allowed.join(',');
  }

  async #done(...call: Parameters<Acme['send']>): Promise<void> {
    const response = await this.send(...call);
    if (!response.ok) throw new CorruptError(`refused: ${response.status} ${await response.text()}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.hub[Symbol.asyncDispose]();
  }
}
