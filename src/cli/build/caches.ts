/** --cache-from and --cache-to as the engine is told them, and the directories of this machine that they name. */
import { parseCacheSources, parseCacheTargets } from '../../engine-api/cache-options.ts';
import type { Query } from '../../engine-api/client.ts';
import { messageOf } from '../../lib/errors.ts';
import type { BuildFlags } from './build-flags.ts';

export interface BuildCaches {
  readonly query: Query;
  /** As they were typed; each once. */
  readonly directories: readonly string[];
  /** Of caches that are not there: the build goes on without them, as buildx's does. */
  readonly warnings: readonly string[];
}

/** @throws InvalidError, UnsupportedError before anything is sent. */
export async function readCaches(flags: Pick<BuildFlags, 'cache-from' | 'cache-to'>): Promise<BuildCaches> {
  const to = flags['cache-to'].filter((text) => text !== '');
  const given = flags['cache-from'].filter((text) => text !== '');
  const directories = new Set<string>();
  for (const target of parseCacheTargets(to)) {
    if (target.type !== 'local') continue;
    const { requireDirectory } = await import('./cache-directory.ts');
    await requireDirectory(target.dest);
    directories.add(target.dest);
  }
  const warnings: string[] = [];
  const from: string[] = [];
  for (const text of given) {
    const { source, failure } = await resolved(text);
    if (failure === undefined) from.push(source.text);
    else warnings.push(failure);
    if (failure === undefined && source.directory !== undefined) directories.add(source.directory);
  }
  return {
    query: { ...(from.length > 0 && { cachefrom: JSON.stringify(from) }), cacheto: to },
    directories: [...directories],
    warnings,
  };
}

interface Resolved {
  readonly source: { readonly text: string; readonly directory?: string };
  readonly failure?: string;
}

/** As it was written: the engine reads it again. What a directory calls by a tag it is told by the digest. */
async function resolved(text: string): Promise<Resolved> {
  const [local] = parseCacheSources([text]).filter((each) => each.type === 'local');
  if (!local) return { source: { text } };
  const { src: directory, tag, digest } = local;
  if (digest !== undefined) return { source: { text, directory } };
  const { CacheDirectory } = await import('./cache-directory.ts');
  try {
    return { source: { text: `${text},digest=${new CacheDirectory(directory).find(tag)}`, directory } };
  } catch (error) {
    const failure = `local cache import at ${directory} not found due to err: ${messageOf(error)}`;
    return { source: { text }, failure };
  }
}
