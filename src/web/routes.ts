/**
 * The addresses of the pages: the patterns, for the router in the browser and for the server's 200 or 404, and the functions
 * that make an address. As on Docker Hub, an official image `library/ubuntu` lives at `/_/ubuntu`.
 */
export const patterns = {
  home: '/',
  search: '/search',
  api: '/api',
  signUp: '/signup',
  signIn: '/login',
  createRepository: '/repositories/create',
  createRepositoryOld: '/repository/create',
  account: '/u/:namespace',
  accountRepositories: '/repositories/:namespace',
  repository: '/r/:namespace/:name',
  repositoryTags: '/r/:namespace/:name/tags',
  repositorySettings: '/r/:namespace/:name/settings',
  tag: '/r/:namespace/:name/tags/:tag',
  official: '/_/:name',
  officialTags: '/_/:name/tags',
  officialSettings: '/_/:name/settings',
  officialTag: '/_/:name/tags/:tag',
} as const;

export const officialNamespace = 'library';

const matchers = Object.values(patterns).map(
  (pattern) => new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}/?$`),
);

/** True for a path that is one of the pages; whether what it names exists is known only later. */
export function isPage(pathname: string): boolean {
  return matchers.some((matcher) => matcher.test(pathname));
}

export type RepositoryTab = 'tags' | 'settings';

/** The page of a repository, or one of its tabs. */
export function repositoryPath(namespace: string, name: string, tab?: RepositoryTab): string {
  const base =
    namespace === officialNamespace
      ? `/_/${encodeURIComponent(name)}`
      : `/r/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
  return tab ? `${base}/${tab}` : base;
}

export function tagPath(namespace: string, name: string, tag: string): string {
  return `${repositoryPath(namespace, name, 'tags')}/${encodeURIComponent(tag)}`;
}

export function accountPath(namespace: string): string {
  return `/u/${encodeURIComponent(namespace)}`;
}

export function searchPath(query: string, page = 1): string {
  const parameters = new URLSearchParams({ q: query, ...(page > 1 && { page: String(page) }) });
  return `${patterns.search}?${parameters}`;
}

/** Where to sign in, and to come back to afterwards. */
export function signInPath(returnTo?: string): string {
  return returnTo && returnTo !== '/'
    ? `${patterns.signIn}?${new URLSearchParams({ next: returnTo })}`
    : patterns.signIn;
}

/** A `next` parameter is written by whoever made the link: only a path on this origin is followed. */
export function safeReturn(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : patterns.home;
}
