/** The part of the client that is about organizations: themselves, their members, teams and access tokens. */
import { path, queryString } from './address.ts';
import type { Sender } from './sender.ts';
import type {
  CreateOrganizationRequest,
  CreateOrganizationTokenRequest,
  CreateTeamRequest,
  Member,
  MemberListQuery,
  MemberRole,
  Organization,
  OrganizationToken,
  OrganizationTokenPage,
  OwnOrganization,
  Page,
  PageQuery,
  PublicUser,
  SeenOrganization,
  Team,
  TeamListQuery,
  TeamRepository,
  UpdateOrganizationRequest,
  UpdateOrganizationTokenRequest,
  UpdateTeamRequest,
} from './types.ts';

export class OrganizationsClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  /** Those that the caller belongs to. */
  mine(query: PageQuery = {}): Promise<Page<OwnOrganization>> {
    return this.#hub.json('GET', '/v2/user/orgs' + queryString({ ...query }));
  }

  /** @throws NotFoundError */
  get(org: string): Promise<SeenOrganization> {
    return this.#hub.json('GET', path`/v2/orgs/${org}`);
  }

  /** Its maker is its first owner. @throws HubInputError */
  create(request: CreateOrganizationRequest): Promise<Organization> {
    return this.#hub.json('POST', '/v2/orgs', request);
  }

  update(org: string, changes: UpdateOrganizationRequest): Promise<Organization> {
    return this.#hub.json('PATCH', path`/v2/orgs/${org}`, changes);
  }

  /** @throws ConflictError while it has repositories. */
  async delete(org: string): Promise<void> {
    await this.#hub.send('DELETE', path`/v2/orgs/${org}`);
  }

  members(org: string, query: MemberListQuery = {}): Promise<Page<Member>> {
    return this.#hub.json('GET', path`/v2/orgs/${org}/members` + queryString({ ...query }));
  }

  /** Adds somebody, or gives them another role. @throws NotFoundError for nobody, ConflictError for the last owner. */
  putMember(org: string, username: string, role: MemberRole): Promise<Member> {
    return this.#hub.json('PUT', path`/v2/orgs/${org}/members/${username}`, { role });
  }

  /** @throws ConflictError for the last owner. */
  async removeMember(org: string, username: string): Promise<void> {
    await this.#hub.send('DELETE', path`/v2/orgs/${org}/members/${username}`);
  }

  teams(org: string, query: TeamListQuery = {}): Promise<Page<Team>> {
    return this.#hub.json('GET', path`/v2/orgs/${org}/groups` + queryString({ ...query }));
  }

  /** @throws NotFoundError */
  team(org: string, team: string): Promise<Team> {
    return this.#hub.json('GET', path`/v2/orgs/${org}/groups/${team}`);
  }

  /** @throws HubInputError */
  createTeam(org: string, request: CreateTeamRequest): Promise<Team> {
    return this.#hub.json('POST', path`/v2/orgs/${org}/groups`, request);
  }

  /** @throws HubInputError */
  updateTeam(org: string, team: string, changes: UpdateTeamRequest): Promise<Team> {
    return this.#hub.json('PATCH', path`/v2/orgs/${org}/groups/${team}`, changes);
  }

  async deleteTeam(org: string, team: string): Promise<void> {
    await this.#hub.send('DELETE', path`/v2/orgs/${org}/groups/${team}`);
  }

  teamMembers(org: string, team: string, query: PageQuery = {}): Promise<Page<PublicUser>> {
    return this.#hub.json('GET', path`/v2/orgs/${org}/groups/${team}/members` + queryString({ ...query }));
  }

  /** @throws NotFoundError for nobody. */
  async addTeamMember(org: string, team: string, member: string): Promise<void> {
    await this.#hub.send('POST', path`/v2/orgs/${org}/groups/${team}/members`, { member });
  }

  async removeTeamMember(org: string, team: string, member: string): Promise<void> {
    await this.#hub.send('DELETE', path`/v2/orgs/${org}/groups/${team}/members/${member}`);
  }

  /** Those that the caller may see. */
  teamRepositories(org: string, team: string, query: PageQuery = {}): Promise<Page<TeamRepository>> {
    return this.#hub.json(
      'GET',
      path`/v2/orgs/${org}/groups/${team}/repositories` + queryString({ ...query }),
    );
  }

  tokens(org: string, query: PageQuery = {}): Promise<OrganizationTokenPage> {
    return this.#hub.json('GET', path`/v2/orgs/${org}/access-tokens` + queryString({ ...query }));
  }

  /** The answer holds the token; nobody can ask for it again. @throws HubInputError */
  createToken(org: string, request: CreateOrganizationTokenRequest): Promise<OrganizationToken> {
    return this.#hub.json('POST', path`/v2/orgs/${org}/access-tokens`, request);
  }

  updateToken(org: string, id: string, changes: UpdateOrganizationTokenRequest): Promise<OrganizationToken> {
    return this.#hub.json('PATCH', path`/v2/orgs/${org}/access-tokens/${id}`, changes);
  }

  async deleteToken(org: string, id: string): Promise<void> {
    await this.#hub.send('DELETE', path`/v2/orgs/${org}/access-tokens/${id}`);
  }
}
