/**
 * A hub that somebody's images are at, and what stands in front of it: cais' cache, and docker-registry as `proxy.remoteurl` has it.
 * All of them on the loopback interface and one disk, so the way to upstream costs nothing: what a cache does beside is all there is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anonymousToken } from './client.ts';
import { type Registry, repository, startDistribution, startHub } from './registries.ts';

export interface CacheField extends AsyncDisposable {
  readonly upstream: Registry;
  /** The caching hub's own repository. */
  readonly own: Registry;
  /** Ways to upstream's repository. */
  readonly caches: readonly Registry[];
  readonly missing: readonly string[];
}

export async function startCaches(): Promise<CacheField> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-cache-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const upstream = await startHub(stack, join(directory, 'upstream'), repository, ['--upstream', 'none']);
  const own = await startHub(stack, join(directory, 'cais'), 'own/app', ['--upstream', upstream.url]);
  const caches = [forAnybody({ ...own, repository })];
  const missing: string[] = [];
  const peer = { name: 'docker-registry', program: 'docker-registry' };
  try {
    const proxy = { remoteurl: upstream.url };
    caches.push(await startDistribution(stack, join(directory, peer.name), peer, { proxy }));
  } catch (error) {
    missing.push(`${peer.name} cannot run here: ${String(error)}`);
  }
  const started = stack.move();
  return { upstream, caches, own, missing, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** As somebody without an account asks. */
export function forAnybody(registry: Registry): Registry {
  const headers = async (): Promise<Record<string, string>> => {
    const scope = `repository:${registry.repository}:pull`;
    return { Authorization: `Bearer ${await anonymousToken(registry.url, scope)}` };
  };
  return { ...registry, headers };
}
