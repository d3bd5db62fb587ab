/** Which names an account may have: they are also the first part of repository paths and of the API's addresses. */
import { InvalidError } from '../../lib/errors.ts';

/** A name that may be an account's: lower case, at most 30 characters, part of a repository path as it stands. */
export type AccountName = string & { readonly [brand]: true };
declare const brand: unique symbol;

/** Docker ids are letters and digits; names that Docker Hub's organizations have may hold single dashes and underscores. */
const pattern = /^[a-z0-9]+(?:[_-][a-z0-9]+)*$/;
const minLength = 2;
const maxLength = 30;

/** First parts of the API's paths below /v2/, where an account of that name would be mistaken for them. */
export const apiNamespaces: ReadonlySet<string> = new Set([
  'access-tokens',
  'api_tokens',
  'auditlogs',
  'auth',
  'categories',
  'invites',
  'logout',
  'namespaces',
  'orgs',
  'repositories',
  'scim',
  'search',
  'system',
  'user',
  'users',
]);

/** The namespace of the images that have no namespace for people: `debian` is `library/debian`. */
export const officialNamespace = 'library';

const reserved: ReadonlySet<string> = new Set([
  ...apiNamespaces,
  officialNamespace,
  'anonymous',
  'api',
  'cais',
  'docker',
  'docker.io',
  'explore',
  'healthz',
  'help',
  'hub',
  'login',
  'metrics',
  'official',
  'readyz',
  'register',
  'registry',
  'repository',
  'root',
  'scratch',
  'settings',
  'signin',
  'signup',
  'support',
  'token',
]);

/** True for what may be somebody's name, taken or not, reserved or not. */
export function looksLikeAccountName(text: string): boolean {
  return text.length >= minLength && text.length <= maxLength && pattern.test(text);
}

/** @throws InvalidError with what to change. */
export function parseAccountName(text: string): AccountName {
  if (text.length < minLength || text.length > maxLength) {
    throw new InvalidError(`a username has ${minLength} to ${maxLength} characters`);
  }
  if (!pattern.test(text)) {
    throw new InvalidError(
      'a username holds lower-case letters and digits only, with single dashes or underscores between them',
    );
  }
  if (reserved.has(text)) throw new InvalidError('this username is not available');
  return text as AccountName;
}
