/**
 * The addresses of the pages: the patterns, for the router in the browser and for the server's 200 or 404, and the functions
 * that make an address. As on Docker Hub, an official image `library/ubuntu` lives at `/_/ubuntu`.
 */
import { finishSignInPath } from '../hub-api/sign-in-address.ts';

export const patterns = {
  home: '/',
  search: '/search',
  api: '/api',
  signUp: '/signup',
  signIn: '/login',
  finishSignIn: finishSignInPath,
  resetPassword: '/reset-password',
  settings: '/settings',
  administration: '/admin',
  administrationPart: '/admin/:part',
  createRepository: '/repositories/create',
  createRepositoryOld: '/repository/create',
  organizations: '/orgs',
  createOrganization: '/organizations/create',
  organization: '/orgs/:org',
  organizationMembers: '/orgs/:org/members',
  organizationTeams: '/orgs/:org/teams',
  organizationTeam: '/orgs/:org/teams/:team',
  organizationTokens: '/orgs/:org/access-tokens',
  organizationSettings: '/orgs/:org/settings',
  account: '/u/:namespace',
  accountRepositories: '/repositories/:namespace',
  repository: '/r/:namespace/:name',
  repositoryTags: '/r/:namespace/:name/tags',
  repositoryActivity: '/r/:namespace/:name/activity',
  repositorySettings: '/r/:namespace/:name/settings',
  tag: '/r/:namespace/:name/tags/:tag',
  tagFiles: '/r/:namespace/:name/tags/:tag/files',
  tagChanges: '/r/:namespace/:name/tags/:tag/changes',
  official: '/_/:name',
  officialTags: '/_/:name/tags',
  officialActivity: '/_/:name/activity',
  officialSettings: '/_/:name/settings',
  officialTag: '/_/:name/tags/:tag',
  officialTagFiles: '/_/:name/tags/:tag/files',
  officialTagChanges: '/_/:name/tags/:tag/changes',
} as const;

export const officialNamespace = 'library';

const matchers = Object.values(patterns).map(
  (pattern) => new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}/?$`),
);

/** True for a path that is one of the pages; whether what it names exists is known only later. */
export function isPage(pathname: string): boolean {
  return matchers.some((matcher) => matcher.test(pathname));
}

export function administrationPath(part: string): string {
  return `${patterns.administration}/${part}`;
}

/** @param token of an invitation. */
export function signUpPath(token: string): string {
  return `${patterns.signUp}${search({ invitation: token })}`;
}

export function resetPasswordPath(token: string): string {
  return `${patterns.resetPassword}${search({ token })}`;
}

export type RepositoryTab = 'tags' | 'activity' | 'settings';

/** The page of a repository, or one of its tabs. */
export function repositoryPath(namespace: string, name: string, tab?: RepositoryTab): string {
  const base =
    namespace === officialNamespace
      ? `/_/${encodeURIComponent(name)}`
      : `/r/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
  return tab ? `${base}/${tab}` : base;
}

/** @param tag or the digest of an image, in which the colon stays readable. */
export function tagPath(namespace: string, name: string, tag: string): string {
  return `${repositoryPath(namespace, name, 'tags')}/${encodeURIComponent(tag).replace('%3A', ':')}`;
}

/** What is shown of the files of an image; `image` is one of the tag's platforms, the first unless told. */
export interface FilesView {
  readonly image?: string | undefined;
  /** A directory, or with `file` the file that is opened in it. */
  readonly path?: string | undefined;
  readonly file?: string | undefined;
}

export function tagFilesPath(namespace: string, name: string, tag: string, view: FilesView = {}): string {
  return `${tagPath(namespace, name, tag)}/files${search({ ...view })}`;
}

/** What changed: since another tag, or by one layer, 0 the lowest. */
export interface ChangesView {
  readonly image?: string | undefined;
  readonly since?: string | undefined;
  readonly layer?: number | undefined;
  readonly file?: string | undefined;
}

export function tagChangesPath(namespace: string, name: string, tag: string, view: ChangesView): string {
  return `${tagPath(namespace, name, tag)}/changes${search({ ...view })}`;
}

function search(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

export function accountPath(namespace: string): string {
  return `/u/${encodeURIComponent(namespace)}`;
}

export type OrganizationTab = 'members' | 'teams' | 'access-tokens' | 'settings';

/** The page of an organization, or one of its tabs. */
export function organizationPath(org: string, tab?: OrganizationTab): string {
  const base = `/orgs/${encodeURIComponent(org)}`;
  return tab ? `${base}/${tab}` : base;
}

export function teamPath(org: string, team: string): string {
  return `${organizationPath(org, 'teams')}/${encodeURIComponent(team)}`;
}

/** @param namespace the one that is offered first. */
export function createRepositoryPath(namespace: string): string {
  return patterns.createRepository + search({ namespace });
}

/** What is looked for, and how; what is left out is as it is usually. */
export interface SearchView {
  readonly query: string;
  readonly page?: number | undefined;
  readonly sort?: 'best' | 'updated' | 'stars' | 'name' | undefined;
  readonly updated?: 'day' | 'week' | 'month' | 'year' | undefined;
  /** The least number of them. */
  readonly stars?: string | undefined;
  readonly architecture?: string | undefined;
  readonly official?: 'true' | undefined;
  readonly mine?: 'true' | undefined;
}

export function searchPath({ query, page = 1, ...filter }: SearchView): string {
  return `${patterns.search}${search({ q: query, ...filter, page: page > 1 ? page : undefined })}`;
}

/** Where to sign in, and to come back to afterwards. */
export function signInPath(returnTo?: string): string {
  return returnTo && returnTo !== '/'
    ? `${patterns.signIn}?${new URLSearchParams({ next: returnTo })}`
    : patterns.signIn;
}
