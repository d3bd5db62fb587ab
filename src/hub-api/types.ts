/**
 * The hub's JSON API as types: Docker Hub's shapes, as the pages, the CLI and other people's tools use them.
 * Times are RFC 3339 in UTC, sizes bytes. Paths end with or without a slash alike.
 * https://docs.docker.com/reference/api/hub/latest/
 */

/** One page of a list. `next` and `previous` are whole addresses; pages count from 1. */
export interface Page<T> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly T[];
}

/** `page_size` is 10 unless told, 100 at most. */
interface PageQuery {
  readonly page?: number;
  readonly page_size?: number;
}

/** What every refusal's body holds. `fields` names the inputs that are wrong, with what to do about each. */
export interface ApiErrorBody {
  readonly message: string;
  readonly detail: string;
  readonly fields?: Readonly<Record<string, readonly string[]>>;
}

/** POST /v2/users/signup -> 204. 400 with `fields` when a value is refused, 409 never: a taken name is a field error. */
export interface SignupRequest {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/** POST /v2/users/login -> 200 LoginResponse, and the same session as an HttpOnly cookie for browsers. 401, 429. */
export interface LoginRequest {
  readonly username: string;
  readonly password: string;
}

export interface LoginResponse {
  /** For `Authorization: Bearer …`. A browser needs it not: it has the cookie. */
  readonly token: string;
}

/** GET /v2/user -> 200 User, or 401 without a session. GET /v2/users/{name} -> 200 PublicUser, or 404. */
export interface User extends PublicUser {
  readonly email: string;
  readonly is_admin: boolean;
  readonly is_staff: boolean;
}

export interface PublicUser {
  readonly id: string;
  readonly username: string;
  readonly full_name: string;
  readonly location: string;
  readonly company: string;
  readonly profile_url: string;
  readonly gravatar_url: string;
  readonly date_joined: string;
  readonly type: 'User';
}

/** POST /v2/repositories (or /v2/namespaces/{namespace}/repositories) -> 201 Repository. */
export interface CreateRepositoryRequest {
  readonly namespace: string;
  readonly name: string;
  /** One line, at most 100 characters. */
  readonly description?: string;
  /** Markdown, at most 25,000 characters. */
  readonly full_description?: string;
  readonly is_private?: boolean;
}

/** PATCH /v2/repositories/{namespace}/{name} -> 200 Repository. What is left out stays. */
export interface UpdateRepositoryRequest {
  readonly description?: string;
  readonly full_description?: string;
  readonly is_private?: boolean;
}

/** One of the list at GET /v2/namespaces/{namespace}/repositories. */
export interface RepositoryListEntry {
  readonly namespace: string;
  readonly name: string;
  readonly repository_type: 'image' | null;
  readonly status: 1;
  readonly status_description: 'active';
  readonly description: string;
  readonly is_private: boolean;
  readonly star_count: number;
  readonly pull_count: number;
  /** The last push; null before the first. */
  readonly last_updated: string | null;
  readonly last_modified: string | null;
  readonly date_registered: string;
  readonly affiliation: 'owner' | null;
  readonly media_types: readonly string[];
  readonly content_types: readonly string[];
  readonly categories: readonly { readonly name: string; readonly slug: string }[];
  readonly storage_size: number;
}

/** GET /v2/repositories/{namespace}/{name} (also below /v2/namespaces/{namespace}/repositories/). */
export interface Repository extends RepositoryListEntry {
  readonly user: string;
  readonly hub_user: string;
  readonly is_automated: false;
  readonly collaborator_count: number;
  /** Of the caller. */
  readonly has_starred: boolean;
  readonly full_description: string;
  /** Of the caller. */
  readonly permissions: { readonly read: boolean; readonly write: boolean; readonly admin: boolean };
  readonly immutable_tags_settings: { readonly enabled: boolean; readonly rules: readonly string[] };
  readonly source: null;
}

type RepositoryOrdering = 'name' | '-name' | 'last_updated' | '-last_updated' | 'pull_count' | '-pull_count';

export interface RepositoryListQuery extends PageQuery {
  /** Part of the name. */
  readonly name?: string;
  readonly ordering?: RepositoryOrdering;
}

/**
 * One tag: of the list at GET /v2/repositories/{namespace}/{name}/tags, or by itself at …/tags/{tag}.
 * Only the single answer carries `images[].layers`.
 */
export interface Tag {
  readonly id: string;
  readonly name: string;
  /** Of the manifest or index that the tag names. */
  readonly digest: string;
  readonly media_type: string;
  readonly content_type: 'image';
  /** Bytes of config and layers, over all platforms. */
  readonly full_size: number;
  readonly images: readonly TagImage[];
  readonly creator: string;
  readonly repository: string;
  /** The last push of this tag, and who did it. */
  readonly last_updated: string;
  readonly last_updater: string;
  readonly last_updater_username: string;
  readonly tag_status: 'active' | 'inactive';
  readonly tag_last_pushed: string;
  readonly tag_last_pulled: string | null;
  readonly v2: true;
}

/** One platform of a tag. */
export interface TagImage {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  readonly os_version: string | null;
  readonly os_features: string;
  readonly features: string;
  readonly digest: string;
  readonly size: number;
  readonly status: 'active' | 'inactive';
  readonly last_pushed: string | null;
  readonly last_pulled: string | null;
  /** Of the image's configuration, what `docker images` shows as ID. Like `layers`, in the single answer only. */
  readonly config_digest?: string;
  /** Bottom first. */
  readonly layers?: readonly TagLayer[];
}

/** One step of an image's history. Steps that changed no file have no digest and size 0. */
export interface TagLayer {
  readonly digest: string | null;
  readonly size: number;
  /** The command that made it, as the image's history tells it; '' where it doesn't. */
  readonly instruction: string;
  readonly created: string | null;
  readonly comment: string;
}

export interface TagListQuery extends PageQuery {
  /** Part of the name. */
  readonly name?: string;
  readonly ordering?: 'name' | '-name' | 'last_updated' | '-last_updated';
}

/** One hit of GET /v2/search/repositories?query=. Official images have a bare `repo_name`. */
export interface SearchResult {
  readonly repo_name: string;
  readonly short_description: string;
  readonly star_count: number;
  readonly pull_count: number;
  readonly repo_owner: string;
  readonly is_automated: boolean;
  readonly is_official: boolean;
  readonly is_private: boolean;
  readonly last_updated: string | null;
}

/** An empty query is everything that the caller may see, best first: the hub's home page. */
export interface SearchQuery extends PageQuery {
  readonly query: string;
}

/** GET /v1/search?q=&n=, what `docker search` reads. */
export interface IndexSearchResponse {
  readonly query: string;
  readonly num_results: number;
  readonly page: number;
  readonly page_size: number;
  readonly num_pages: number;
  readonly results: readonly IndexSearchResult[];
}

export interface IndexSearchResult {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly pull_count: number;
  readonly is_official: boolean;
  readonly is_automated: boolean;
  readonly is_trusted: boolean;
}
