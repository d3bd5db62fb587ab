/**
 * Image names. `ubuntu` is short for docker.io/library/ubuntu; a name whose first part holds a dot, a colon or is
 * `localhost` names another registry. The grammar is distribution's: https://pkg.go.dev/github.com/distribution/reference
 */
import { InvalidError } from '../../lib/errors.ts';
import { type Digest, tryParseDigest } from './digest.ts';

/** A repository on a registry, canonical: `domain` is never empty, official images hold their `library/`. */
export interface RepositoryName {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly domain: string;
  /** The path below the domain: `library/ubuntu`, `ricdtaveira/ubuntu`. */
  readonly path: string;
}

/** A repository with a tag, a digest, or both; neither where the text gave neither. */
export interface Reference extends RepositoryName {
  readonly tag?: string;
  readonly digest?: Digest;
}

export const defaultDomain = 'docker.io';
const defaultTag = 'latest';
const officialNamespace = 'library';

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const domainPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const tagPattern = /^[\w][\w.-]{0,127}$/;
const maxNameLength = 255;

/** True for a tag of the distribution spec: at most 128 of word characters, dots and dashes. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** True for the path of a repository, `a/b/c`, as it stands in a registry's URL. */
export function isRepositoryPath(text: string): boolean {
  return text.length <= maxNameLength && text.split('/').every((part) => component.test(part));
}

/**
 * Parses what a person types: `ubuntu`, `alice/app:1.0`, `localhost:5000/x/y@sha256:…`.
 * @throws InvalidError with docker's wording.
 */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new InvalidError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const at = text.indexOf('@');
  const digestText = at === -1 ? undefined : text.slice(at + 1);
  const named = at === -1 ? text : text.slice(0, at);
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  const { domain, path } = splitDomain(colon === -1 ? named : named.slice(0, colon));
  if (path.toLowerCase() !== path) {
    throw new InvalidError('invalid reference format: repository name (' + path + ') must be lowercase');
  }
  if (!domainPattern.test(domain) || !isRepositoryPath(path) || (tag !== undefined && !isTag(tag))) {
    throw new InvalidError('invalid reference format');
  }
  if (domain.length + 1 + path.length > maxNameLength) {
    throw new InvalidError(`repository name must not be more than ${maxNameLength} characters`);
  }
  const digest = digestText === undefined ? undefined : tryParseDigest(digestText);
  if (digestText !== undefined && !digest) throw new InvalidError('invalid reference format');
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest && { digest }) };
}

function splitDomain(name: string): RepositoryName {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  const isDomain =
    slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const domain = isDomain ? canonicalDomain(first) : defaultDomain;
  const path = isDomain ? name.slice(slash + 1) : name;
  return {
    domain,
    path: domain === defaultDomain && !path.includes('/') ? `${officialNamespace}/${path}` : path,
  };
}

function canonicalDomain(domain: string): string {
  return domain === 'index.docker.io' || domain === 'registry-1.docker.io' ? defaultDomain : domain;
}

/** The reference with `latest` where it names neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: defaultTag }
    : reference;
}

/** The same repository with this tag and no digest. */
export function withTag(name: RepositoryName, tag: string): Reference {
  return { domain: name.domain, path: name.path, tag };
}

/** `docker.io/library/ubuntu`: the form that stores use as a key. */
export function formatRepository(name: RepositoryName): string {
  return `${name.domain}/${name.path}`;
}

/** `docker.io/library/ubuntu:24.04@sha256:…`: the form that stores use as a key. */
export function formatReference(reference: Reference): string {
  return formatRepository(reference) + suffix(reference);
}

/** `ubuntu`: what people see; docker.io and library/ are left out. */
export function familiarRepository(name: RepositoryName): string {
  if (name.domain !== defaultDomain) return formatRepository(name);
  const official = `${officialNamespace}/`;
  const short = name.path.startsWith(official) ? name.path.slice(official.length) : name.path;
  return short.includes('/') && short !== name.path ? name.path : short;
}

/** `ubuntu:24.04`: what people see. */
export function familiarReference(reference: Reference): string {
  return familiarRepository(reference) + suffix(reference);
}

function suffix(reference: Reference): string {
  return (
    (reference.tag === undefined ? '' : `:${reference.tag}`) +
    (reference.digest === undefined ? '' : `@${reference.digest}`)
  );
}
