/**
 * `--build-context NAME=VALUE`: what stands for a stage or an image of that name. Pure.
 * https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
 */
import { InvalidError } from '../../../lib/errors.ts';
import { familiarReference, parseReference } from '../../../oci/image/reference.ts';

type NamedContext =
  | { readonly kind: 'image'; readonly name: string }
  /** A git repository, or a file at an http or https URL. */
  | { readonly kind: 'remote'; readonly address: string }
  /** Files of the client, as a tar. */
  | { readonly kind: 'files' }
  /** An OCI image layout of the client, as a tar. */
  | { readonly kind: 'layout' };

/** By their names, without `:latest`. */
export type ContextsByName = ReadonlyMap<string, NamedContext>;

/** @param values `docker-image://REF`, an address, `local:` or `oci-layout:`, by name. @throws InvalidError */
export function parseNamedContexts(values: Readonly<Record<string, string>>): ContextsByName {
  return new Map(
    Object.entries(values).map(([name, value]) => {
      const key = contextName(name);
      if (key === undefined) throw new InvalidError(`invalid context name ${name}`);
      return [key, parseValue(name, value)];
    }),
  );
}

function parseValue(name: string, value: string): NamedContext {
  if (value === 'local:') return { kind: 'files' };
  if (value === 'oci-layout:') return { kind: 'layout' };
  if (value.startsWith('docker-image://'))
    return { kind: 'image', name: value.slice('docker-image://'.length) };
  if (/^(?:https?|git|ssh):\/\/|^[\w.-]+@|^github\.com\//.test(value))
    return { kind: 'remote', address: value };
  throw new InvalidError(`unsupported context source ${value.split(':')[0]} for ${name}`);
}

/** The context that is meant by a name of the Dockerfile, and the key it has. */
export function findContext(contexts: ContextsByName, name: string): string | undefined {
  const key = contextName(name);
  return key !== undefined && contexts.has(key) ? key : undefined;
}

/** `docker.io/library/alpine:latest` and `alpine` are the same. */
function contextName(text: string): string | undefined {
  try {
    return familiarReference(parseReference(text)).replace(/:latest$/, '');
  } catch {
    return undefined;
  }
}
