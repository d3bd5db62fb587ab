/**
 * Where a git repository is and what of it is wanted, in the forms that docker takes:
 * `https://host/repository.git#ref:directory`, `git@host:path`, `ssh://`, `git://`, `github.com/owner/name` (contexts
 * only), and BuildKit's queries (`?branch=…&subdir=…`).
 * https://docs.docker.com/build/concepts/context/#git-repositories
 */
import { posix } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';

export interface GitReference {
  /** For git itself, without what is wanted of it. */
  readonly remote: string;
  /** A branch, a tag, a commit or any other ref; empty for the default branch. */
  readonly ref: string;
  /** Below the root of the repository, without slashes at its ends; empty for all. */
  readonly subdirectory: string;
  readonly keepGitDirectory?: boolean;
  readonly withSubmodules: boolean;
  /** The beginning of the commit that it has to be. */
  readonly checksum?: string;
}

/** @returns undefined for what is no repository: a path, another URL. @throws InvalidError for one that is malformed. */
export function parseGitReference(
  text: string,
  { isContext }: { readonly isContext: boolean },
): GitReference | undefined {
  if (isContext && text.startsWith('github.com/')) return parseUrl(`https://${text}`);
  if (/^(?:https?|git|ssh):\/\//i.test(text)) {
    const isWeb = /^https?:/i.test(text);
    return isWeb && !/^[^?#]*\.git(?:[?#]|$)/.test(text) ? undefined : parseUrl(text);
  }
  return parseScpStyle(text);
}

function parseUrl(text: string): GitReference {
  const url = URL.parse(text);
  if (!url || url.host === '') throw new InvalidError(`invalid git reference: ${JSON.stringify(text)}`);
  const fragment = decode(url.hash.slice(1));
  const query = new URLSearchParams(url.search);
  url.hash = '';
  url.search = '';
  return reference(url.href, fragment, query);
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** `user@host:path`: no scheme, and a colon before the first slash. */
function parseScpStyle(text: string): GitReference | undefined {
  const match = /^([\w.-]+@[\w.-]+:[^\s?#]+)(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
  if (!match) return undefined;
  const [, remote = '', query = '', fragment = ''] = match;
  return reference(remote, fragment, new URLSearchParams(query));
}

function reference(remote: string, fragment: string, query: URLSearchParams): GitReference {
  const colon = fragment.indexOf(':');
  const found = parseQuery(query);
  const ref = found.ref ?? (colon === -1 ? fragment : fragment.slice(0, colon));
  const subdirectory = found.subdirectory ?? (colon === -1 ? '' : fragment.slice(colon + 1));
  // git would take it for an option.
  if (ref.startsWith('-') || remote.startsWith('-'))
    throw new InvalidError(`invalid refspec: ${ref || remote}`);
  return {
    remote,
    ref,
    subdirectory: posix.resolve('/', subdirectory).slice(1),
    withSubmodules: found.submodules ?? true,
    ...(found.keepGitDirectory !== undefined && { keepGitDirectory: found.keepGitDirectory }),
    ...(found.checksum !== undefined && { checksum: found.checksum }),
  };
}

interface Query {
  ref?: string;
  subdirectory?: string;
  keepGitDirectory?: boolean;
  submodules?: boolean;
  checksum?: string;
}

function parseQuery(query: URLSearchParams): Query {
  const found: Query = {};
  for (const [key, value] of query) {
    switch (key) {
      case 'ref':
        found.ref = value;
        break;
      case 'tag':
        found.ref = prefixed('refs/tags/', value);
        break;
      case 'branch':
        found.ref = prefixed('refs/heads/', value);
        break;
      case 'subdir':
        found.subdirectory = value;
        break;
      case 'checksum':
      case 'commit':
        found.checksum = value;
        break;
      case 'keep-git-dir':
        found.keepGitDirectory = parseBoolean(key, value);
        break;
      case 'submodules':
        found.submodules = parseBoolean(key, value);
        break;
      default:
        throw new InvalidError(`unexpected query ${JSON.stringify(key)}`);
    }
  }
  return found;
}

function prefixed(prefix: string, name: string): string {
  return name.startsWith(prefix) ? name : prefix + name;
}

function parseBoolean(key: string, value: string): boolean {
  if (['', '1', 't', 'true'].includes(value.toLowerCase())) return true;
  if (['0', 'f', 'false'].includes(value.toLowerCase())) return false;
  throw new InvalidError(`invalid ${key} value: ${JSON.stringify(value)}`);
}
