/** The part of the client that is about rights on one repository: of teams, and of collaborators. */
import { path, queryString } from './address.ts';
import type { Sender } from './sender.ts';
import type { Collaborator, Page, PageQuery, Permission, TeamGrant } from './types.ts';

/** One repository, by its names. */
export interface RepositoryAddress {
  readonly namespace: string;
  readonly name: string;
}

export class GrantsClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  teams(repository: RepositoryAddress, query: PageQuery = {}): Promise<Page<TeamGrant>> {
    return this.#hub.json('GET', below(repository, 'groups') + queryString({ ...query }));
  }

  /** Gives the right, or changes it. */
  putTeam(repository: RepositoryAddress, teamId: number, permission: Permission): Promise<TeamGrant> {
    return this.#hub.json('POST', below(repository, 'groups'), { group_id: teamId, permission });
  }

  async removeTeam(repository: RepositoryAddress, teamId: number): Promise<void> {
    await this.#hub.send('DELETE', below(repository, `groups/${teamId}`));
  }

  collaborators(repository: RepositoryAddress, query: PageQuery = {}): Promise<Page<Collaborator>> {
    return this.#hub.json('GET', below(repository, 'collaborators') + queryString({ ...query }));
  }

  /** Gives the right, or changes it. @throws HubInputError for nobody. */
  putCollaborator(
    repository: RepositoryAddress,
    user: string,
    permission: Permission,
  ): Promise<Collaborator> {
    return this.#hub.json('POST', below(repository, 'collaborators'), { user, permission });
  }

  async removeCollaborator(repository: RepositoryAddress, user: string): Promise<void> {
    await this.#hub.send('DELETE', below(repository, 'collaborators') + path`/${user}`);
  }
}

function below({ namespace, name }: RepositoryAddress, what: string): string {
  return path`/v2/namespaces/${namespace}/repositories/${name}` + `/${what}`;
}
