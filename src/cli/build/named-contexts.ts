/**
 * --build-context NAME=VALUE: what the engine is told of it, and for what lies on this machine the tar that it may ask for.
 * The words are buildx's. https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Query } from '../../engine-api/client.ts';
import { parseIgnore } from '../../dockerfile/ignore.ts';
import { errnoOf, InvalidError, messageOf, NotFoundError } from '../../lib/errors.ts';
import { familiarReference, parseReference } from '../../oci/image/reference.ts';
import { splitOnce } from '../commands/container/create-values.ts';
import { listContext } from './context-files.ts';
import { contextTar } from './context-tar.ts';
import { isRemote } from './source.ts';

export interface NamedContext {
  readonly name: string;
  /** What the engine is told. */
  readonly value: string;
  /** What it may ask for; undefined where it fetches the context itself. */
  readonly body?: () => AsyncGenerator<Uint8Array, void, undefined>;
}

/** The last one of a name counts. @throws InvalidError, NotFoundError */
export async function readNamedContexts(texts: readonly string[]): Promise<readonly NamedContext[]> {
  const values = new Map<string, string>();
  for (const text of texts.filter((each) => each !== '')) {
    const [name, value] = splitOnce(text, '=');
    if (value === undefined) throw new InvalidError(`invalid context value: ${text}, expected key=value`);
    values.set(nameOf(name), value);
  }
  return await Promise.all(
    [...values].map(async ([name, value]) => ({ name, ...(await read(name, value)) })),
  );
}

/** What is asked for with the build. */
export function contextQuery(contexts: readonly NamedContext[]): Query {
  if (contexts.length === 0) return {};
  return { contexts: JSON.stringify(Object.fromEntries(contexts.map(({ name, value }) => [name, value]))) };
}

/** Without `:latest`. */
function nameOf(text: string): string {
  try {
    return familiarReference(parseReference(text)).replace(/:latest$/, '');
  } catch (cause) {
    throw new InvalidError(`invalid context name ${text}: ${messageOf(cause)}`, { cause });
  }
}

async function read(name: string, value: string): Promise<Omit<NamedContext, 'name'>> {
  if (value.startsWith('docker-image://') || isRemote(value)) return { value };
  if (value.startsWith('oci-layout://')) {
    const { layoutTar } = await import('./oci-layout.ts');
    const layout = layoutTar(value.slice('oci-layout://'.length));
    return { value: 'oci-layout:', body: layout };
  }
  const failure = `failed to get build context ${name}`;
  const directory = await realpath(value).catch((cause: unknown) => {
    throw new NotFoundError(`${failure}: stat ${value}: no such file or directory`, { cause });
  });
  if (!(await stat(directory)).isDirectory())
    throw new InvalidError(`${failure}: ${value} is not a directory`);
  const rules = parseIgnore(await ignoreFile(directory));
  return { value: 'local:', body: () => contextTar(listContext(directory, rules, new Set()), []) };
}

/** A named context has a .dockerignore of its own. */
async function ignoreFile(directory: string): Promise<string> {
  try {
    return await readFile(join(directory, '.dockerignore'), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}
