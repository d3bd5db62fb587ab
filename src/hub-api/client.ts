/**
 * A client of the hub's JSON API, for pages (the cookie is the session) and for the CLI (a bearer token is).
 * Refusals become the errors of lib/errors.ts; wrong input is HubInputError, which names the fields.
 */
import { UnauthorizedError, UnavailableError } from '../lib/errors.ts';
import { path, queryString } from './address.ts';
import { AuditClient } from './audit-client.ts';
import { errorOf } from './client-errors.ts';
import { DeletedClient } from './deleted-client.ts';
import { apiDocumentPath } from './document-path.ts';
import { GrantsClient } from './grants-client.ts';
import { OrganizationsClient } from './organizations-client.ts';
import { RepositorySettingsClient } from './repository-settings-client.ts';
import { RulesClient } from './rules-client.ts';
import { ProviderClient } from './provider-client.ts';
import { SystemClient } from './system-client.ts';
import { WebhooksClient } from './webhooks-client.ts';
import type { Method, Sender } from './sender.ts';
import type {
  AccessToken,
  AccessTokenPage,
  ActivityPage,
  ActivityQuery,
  AttestationQuery,
  BegunSecondFactor,
  ChangePasswordRequest,
  CreateAccessTokenRequest,
  CreateRepositoryRequest,
  DeletedTags,
  File,
  FileChangePage,
  FileChangeQuery,
  FileContent,
  FileContentQuery,
  FileListQuery,
  ImageAttestations,
  ImageDetail,
  LoginRequest,
  LoginResponse,
  LogoutResponse,
  OwnStorage,
  Page,
  PasswordResetRequest,
  PublicUser,
  Pulls,
  PullsQuery,
  RecentRepositories,
  RecoveryCodes,
  Repository,
  RepositoryListEntry,
  RepositoryListQuery,
  SbomPackagePage,
  SbomPackageQuery,
  SearchQuery,
  SearchResult,
  SecondFactor,
  SecondFactorLoginRequest,
  SessionList,
  SignupRequest,
  Tag,
  TagListQuery,
  UpdateAccessTokenRequest,
  UpdateRepositoryRequest,
  UpdateUserRequest,
  User,
} from './types.ts';

export interface HubClientOptions {
  /** The hub's origin, `http://127.0.0.1:5000`; '' on its own pages. */
  readonly baseUrl: string;
  readonly token?: string;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** One image of a repository, by the digest of its manifest. */
export interface ImageAddress {
  readonly namespace: string;
  readonly name: string;
  readonly digest: string;
}

export class HubClient {
  readonly #options: HubClientOptions;
  readonly organizations: OrganizationsClient;
  readonly grants: GrantsClient;
  readonly repositorySettings: RepositorySettingsClient;
  readonly deleted: DeletedClient;
  readonly system: SystemClient;
  readonly audit: AuditClient;
  readonly rules: RulesClient;
  readonly provider: ProviderClient;
  readonly webhooks: WebhooksClient;

  constructor(options: HubClientOptions) {
    this.#options = options;
    const sender: Sender = {
      json: (...call) => this.#json(...call),
      send: (...call) => this.#send(...call),
    };
    this.organizations = new OrganizationsClient(sender);
    this.grants = new GrantsClient(sender);
    this.repositorySettings = new RepositorySettingsClient(sender);
    this.deleted = new DeletedClient(sender);
    this.system = new SystemClient(sender);
    this.audit = new AuditClient(sender);
    this.rules = new RulesClient(sender);
    this.provider = new ProviderClient(sender);
    this.webhooks = new WebhooksClient(sender);
  }

  /** Makes an account. Does not sign in. @throws HubInputError */
  async signup(request: SignupRequest): Promise<void> {
    await this.#send('POST', '/v2/users/signup/', request);
  }

  /**
   * Signs in; in a browser the session cookie is set as well.
   * @throws HubSecondFactorError where a code is wanted, UnauthorizedError, HubRateLimitError
   */
  login(request: LoginRequest): Promise<LoginResponse> {
    return this.#json('POST', '/v2/users/login/', request);
  }

  /** The second step of a login. @throws UnauthorizedError, HubRateLimitError */
  loginWithCode(request: SecondFactorLoginRequest): Promise<LoginResponse> {
    return this.#json('POST', '/v2/users/2fa-login', request);
  }

  /** Sets a new password by the word that an administrator gave. @throws HubInputError, UnauthorizedError */
  async resetPassword(request: PasswordResetRequest): Promise<void> {
    await this.#send('POST', '/v2/users/reset-password', request);
  }

  /** Ends every other session. @throws HubInputError, UnauthorizedError */
  async changePassword(request: ChangePasswordRequest): Promise<void> {
    await this.#send('POST', '/v2/user/password', request);
  }

  accessTokens(): Promise<AccessTokenPage> {
    return this.#json('GET', '/v2/access-tokens' + queryString({ page_size: 100 }));
  }

  /** The answer holds the token; nobody can ask for it again. @throws HubInputError */
  createAccessToken(request: CreateAccessTokenRequest): Promise<AccessToken> {
    return this.#json('POST', '/v2/access-tokens', request);
  }

  updateAccessToken(uuid: string, changes: UpdateAccessTokenRequest): Promise<AccessToken> {
    return this.#json('PATCH', path`/v2/access-tokens/${uuid}`, changes);
  }

  async deleteAccessToken(uuid: string): Promise<void> {
    await this.#send('DELETE', path`/v2/access-tokens/${uuid}`);
  }

  sessions(): Promise<SessionList> {
    return this.#json('GET', '/v2/user/sessions');
  }

  async endSession(id: number): Promise<void> {
    await this.#send('DELETE', path`/v2/user/sessions/${String(id)}`);
  }

  secondFactor(): Promise<SecondFactor> {
    return this.#json('GET', '/v2/user/2fa');
  }

  /** Begins to set it up: nothing changes before the first code. @throws UnauthorizedError for a wrong password. */
  beginSecondFactor(password: string): Promise<BegunSecondFactor> {
    return this.#json('POST', '/v2/user/2fa', { password });
  }

  confirmSecondFactor(code: string): Promise<RecoveryCodes> {
    return this.#json('POST', '/v2/user/2fa/confirm', { code });
  }

  async endSecondFactor(code: string): Promise<void> {
    await this.#send('DELETE', '/v2/user/2fa', { code });
  }

  /** Ends the session. */
  logout(): Promise<LogoutResponse> {
    return this.#json('POST', '/v2/logout/', {});
  }

  /** Who is signed in, or undefined. */
  async currentUser(): Promise<User | undefined> {
    try {
      return await this.#json<User>('GET', '/v2/user/');
    } catch (error) {
      if (error instanceof UnauthorizedError) return undefined;
      throw error;
    }
  }

  /** Changes what everybody may know of one's own account. @throws HubInputError */
  updateUser(changes: UpdateUserRequest): Promise<User> {
    return this.#json('PATCH', '/v2/user/', changes);
  }

  /** @throws NotFoundError */
  user(name: string): Promise<PublicUser> {
    return this.#json('GET', path`/v2/users/${name}/`);
  }

  repositories(namespace: string, query: RepositoryListQuery = {}): Promise<Page<RepositoryListEntry>> {
    return this.#json('GET', path`/v2/namespaces/${namespace}/repositories/` + queryString({ ...query }));
  }

  /** @throws NotFoundError also for a private repository of others. */
  repository(namespace: string, name: string): Promise<Repository> {
    return this.#json('GET', path`/v2/repositories/${namespace}/${name}/`);
  }

  /** @throws HubInputError */
  createRepository(request: CreateRepositoryRequest): Promise<Repository> {
    return this.#json('POST', '/v2/repositories/', request);
  }

  updateRepository(namespace: string, name: string, changes: UpdateRepositoryRequest): Promise<Repository> {
    return this.#json('PATCH', path`/v2/repositories/${namespace}/${name}/`, changes);
  }

  /** @param confirm `namespace/name` as a person typed it again; the hub compares. */
  async deleteRepository(namespace: string, name: string, confirm?: string): Promise<void> {
    await this.#send('DELETE', path`/v2/repositories/${namespace}/${name}/` + queryString({ confirm }));
  }

  async star(namespace: string, name: string): Promise<void> {
    await this.#send('POST', path`/v2/repositories/${namespace}/${name}/stars/`, {});
  }

  async unstar(namespace: string, name: string): Promise<void> {
    await this.#send('DELETE', path`/v2/repositories/${namespace}/${name}/stars/`);
  }

  tags(namespace: string, name: string, query: TagListQuery = {}): Promise<Page<Tag>> {
    return this.#json('GET', path`/v2/repositories/${namespace}/${name}/tags/` + queryString({ ...query }));
  }

  /** One tag, with the layers of each platform. @throws NotFoundError */
  tag(namespace: string, name: string, tag: string): Promise<Tag> {
    return this.#json('GET', path`/v2/repositories/${namespace}/${name}/tags/${tag}/`);
  }

  async deleteTag(namespace: string, name: string, tag: string): Promise<void> {
    await this.#send('DELETE', path`/v2/repositories/${namespace}/${name}/tags/${tag}/`);
  }

  /** As many of them as can be. @param tags at most 1,000. */
  deleteTags(namespace: string, name: string, tags: readonly string[]): Promise<DeletedTags> {
    return this.#json('POST', path`/v2/namespaces/${namespace}/repositories/${name}/tags/delete`, { tags });
  }

  /** An image or an index by its digest. @throws NotFoundError */
  image({ namespace, name, digest }: ImageAddress): Promise<ImageDetail> {
    return this.#json('GET', path`/v2/namespaces/${namespace}/repositories/${name}/images/${digest}`);
  }

  /** What was said about an image. @throws NotFoundError */
  attestations(image: ImageAddress, query: AttestationQuery): Promise<ImageAttestations> {
    return this.#json('GET', imagePath(image, 'attestations') + queryString({ ...query }));
  }

  /** The packages in an image. @throws NotFoundError also where nobody has told them. */
  packages(image: ImageAddress, query: SbomPackageQuery): Promise<SbomPackagePage> {
    return this.#json('GET', imagePath(image, 'packages') + queryString({ ...query }));
  }

  /** What a directory of an image holds. @throws NotFoundError also for layers that cannot be shown. */
  files(image: ImageAddress, query: FileListQuery): Promise<Page<File>> {
    return this.#json('GET', imagePath(image, 'files') + queryString({ ...query }));
  }

  fileContent(image: ImageAddress, query: FileContentQuery): Promise<FileContent> {
    return this.#json('GET', imagePath(image, 'content') + queryString({ ...query }));
  }

  fileChanges(image: ImageAddress, query: FileChangeQuery): Promise<FileChangePage> {
    return this.#json('GET', imagePath(image, 'changes') + queryString({ ...query }));
  }

  /** What happened to the repository, newest first. @throws NotFoundError */
  activity(namespace: string, name: string, query: ActivityQuery = {}): Promise<ActivityPage> {
    return this.#json(
      'GET',
      path`/v2/repositories/${namespace}/${name}/activity` + queryString({ ...query }),
    );
  }

  /** Pulls of each day up to today, and by tag. @throws NotFoundError */
  pulls(namespace: string, name: string, query: PullsQuery = {}): Promise<Pulls> {
    return this.#json('GET', path`/v2/repositories/${namespace}/${name}/pulls` + queryString({ ...query }));
  }

  /** How much one's own repositories hold. */
  ownStorage(): Promise<OwnStorage> {
    return this.#json('GET', '/v2/user/storage');
  }

  /** The public repositories that were pushed to last. */
  recentRepositories(count: number): Promise<RecentRepositories> {
    return this.#json('GET', '/v2/search/recent' + queryString({ page_size: count }));
  }

  /** What one did oneself, newest first. */
  ownActivity(query: ActivityQuery = {}): Promise<ActivityPage> {
    return this.#json('GET', '/v2/user/activity' + queryString({ ...query }));
  }

  search(query: SearchQuery): Promise<Page<SearchResult>> {
    return this.#json('GET', '/v2/search/repositories/' + queryString({ ...query }));
  }

  /** The OpenAPI document of this API. */
  apiDocument<T>(): Promise<T> {
    return this.#json('GET', apiDocumentPath);
  }

  async #json<T>(method: Method, target: string, body?: object): Promise<T> {
    const response = await this.#send(method, target, body);
    return (await response.json()) as T;
  }

  async #send(method: Method, target: string, body?: object): Promise<Response> {
    const { baseUrl, token, fetch: send = fetch } = this.#options;
    const headers = new Headers({ Accept: 'application/json' });
    if (body) headers.set('Content-Type', 'application/json');
    if (token) headers.set('Authorization', `Bearer ${token}`);
    let response: Response;
    try {
      response = await send(baseUrl + target, {
        method,
        headers,
        credentials: 'same-origin',
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new UnavailableError(`cannot reach the hub at ${baseUrl || 'its own address'}: is it running?`, {
        cause,
      });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

/** Where a browser with a session finds a statement, byte for byte. */
export function statementPath({ namespace, name, digest }: ImageAddress, statement: string): string {
  return path`/v2/namespaces/${namespace}/repositories/${name}/images/${digest}/attestations/${statement}`;
}

function imagePath({ namespace, name, digest }: ImageAddress, what: string): string {
  return path`/v2/namespaces/${namespace}/repositories/${name}/images/${digest}/${what}`;
}
