/** The part of the client that only an administrator uses. For everybody else every call is a NotFoundError. */
import { path, queryString } from './address.ts';
import type { Sender } from './sender.ts';
import type {
  AdministeredUser,
  AdministeredUserQuery,
  AdministerUserRequest,
  Cache,
  CachedRepository,
  CachedRepositoryQuery,
  CachedTag,
  CachedTagQuery,
  CollectGarbageRequest,
  CreatedInvitation,
  Garbage,
  HubSettings,
  InvitationList,
  Page,
  PageQuery,
  PasswordReset,
  PruneCacheRequest,
  PrunedCache,
  RequestFailures,
  StoragePage,
} from './types.ts';

export class SystemClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  users(query: AdministeredUserQuery = {}): Promise<Page<AdministeredUser>> {
    return this.#hub.json('GET', '/v2/system/users' + queryString({ ...query }));
  }

  /** @throws ConflictError for one's own account. */
  updateUser(name: string, changes: AdministerUserRequest): Promise<AdministeredUser> {
    return this.#hub.json('PATCH', path`/v2/system/users/${name}`, changes);
  }

  /** The answer holds the token; nobody can ask for it again. */
  resetPassword(name: string): Promise<PasswordReset> {
    return this.#hub.json('POST', path`/v2/users/${name}/password-reset`, {});
  }

  invitations(): Promise<InvitationList> {
    return this.#hub.json('GET', '/v2/invites');
  }

  /** The answer holds the token; nobody can ask for it again. @throws HubInputError */
  invite(email: string | undefined): Promise<CreatedInvitation> {
    return this.#hub.json('POST', '/v2/invites', email === undefined ? {} : { email });
  }

  async takeBackInvitation(id: string): Promise<void> {
    await this.#hub.send('DELETE', path`/v2/invites/${id}`);
  }

  storage(query: PageQuery = {}): Promise<StoragePage> {
    return this.#hub.json('GET', '/v2/system/storage' + queryString({ ...query }));
  }

  garbage(): Promise<Garbage> {
    return this.#hub.json('GET', '/v2/system/garbage');
  }

  /** Begins. @throws ConflictError while another collection goes on. */
  async collectGarbage(request: CollectGarbageRequest): Promise<void> {
    await this.#hub.send('POST', '/v2/system/garbage', request);
  }

  async stopCollecting(): Promise<void> {
    await this.#hub.send('DELETE', '/v2/system/garbage');
  }

  settings(): Promise<HubSettings> {
    return this.#hub.json('GET', '/v2/system/settings');
  }

  failures(): Promise<RequestFailures> {
    return this.#hub.json('GET', '/v2/system/failures');
  }

  cache(): Promise<Cache> {
    return this.#hub.json('GET', '/v2/system/cache');
  }

  cachedRepositories(query: CachedRepositoryQuery = {}): Promise<Page<CachedRepository>> {
    return this.#hub.json('GET', '/v2/system/cache/repositories' + queryString({ ...query }));
  }

  cachedTags(query: CachedTagQuery): Promise<Page<CachedTag>> {
    return this.#hub.json('GET', '/v2/system/cache/tags' + queryString({ ...query }));
  }

  /** @param name of a repository, or of a tag of one. @throws NotFoundError when it is not in the cache. */
  async removeCached(name: string): Promise<void> {
    await this.#hub.send('DELETE', '/v2/system/cache/repositories' + queryString({ name }));
  }

  pruneCache(request: PruneCacheRequest): Promise<PrunedCache> {
    return this.#hub.json('POST', '/v2/system/cache/prune', request);
  }
}
