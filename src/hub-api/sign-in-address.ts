/** Addresses of signing in by a provider, which the hub serves, its pages lead to, and a provider sends browsers back to. */

/** Where a browser begins; `next` and `invitation` may follow. */
export const providerSignInPath = '/oidc/sign-in';
/** What a provider has to know: browsers come back here. */
export const providerCallbackPath = '/oidc/callback';
/** What a provider may know: it tells here that somebody has signed out there. */
export const providerLogoutPath = '/oidc/backchannel-logout';
/** The page after the provider: chooses a name, links an account, or only goes on to `next`. */
export const finishSignInPath = '/login/finish';

/** What keeps somebody out, as the parameter `failure` of a page tells it. */
export const signInFailures = [
  'cancelled',
  'expired',
  'refused',
  'unavailable',
  'switched-off',
  'linked',
] as const;
export type SignInFailure = (typeof signInFailures)[number];

/** @param next where to go on; @param invitation a secret for who has no account yet. */
export function signInByProviderPath(next: string, invitation?: string): string {
  const query = new URLSearchParams({ next, ...(invitation !== undefined && { invitation }) });
  return `${providerSignInPath}?${query}`;
}

/** The way on is written by whoever made the link: only a path on this origin is followed. Browsers drop tabs and line ends. */
export function safeReturn(next: string | null): string {
  return next !== null && next.length <= 2048 && /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(next) ? next : '/';
}
