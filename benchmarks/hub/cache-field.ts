/**
 * A hub that somebody's images are at, and what stands in front of it: cais' cache, and docker-registry as `proxy.remoteurl` has it.
 * All of them are on the loopback interface and one disk. Where the way to upstream costs nothing, what a cache does beside is all
 * there is; an upstream is hardly ever so near, so there is a field with one that is elsewhere, too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../../src/lib/errors.ts';
import { anonymousToken } from './client.ts';
import { type Registry, repository, startDistribution, startHub } from './registries.ts';

/** A way to upstream. */
export interface Link {
  /** In milliseconds, of each direction. */
  readonly delay: number;
  /** In megabits a second, towards who pulls. */
  readonly rate: number;
}

export interface CacheField extends AsyncDisposable {
  readonly upstream: Registry;
  /** Upstream, as who has no cache reaches it. */
  readonly direct: Registry;
  /** The caching hub's own repository. */
  readonly own: Registry;
  /** Ways to upstream's repository. */
  readonly caches: readonly Registry[];
  readonly missing: readonly string[];
}

export async function startCaches(link?: Link): Promise<CacheField> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-cache-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const upstream = await startHub(stack, join(directory, 'upstream'), repository, ['--upstream', 'none']);
  const url = link ? await startLink(stack, upstream.url, link) : upstream.url;
  const own = await startHub(stack, join(directory, 'cais'), 'own/app', ['--upstream', url]);
  const caches = [forAnybody({ ...own, repository })];
  const missing: string[] = [];
  const peer = { name: 'docker-registry', program: 'docker-registry' };
  try {
    const proxy = { remoteurl: url };
    caches.push(await startDistribution(stack, join(directory, peer.name), peer, { proxy }));
  } catch (error) {
    missing.push(`${peer.name} cannot run here: ${String(error)}`);
  }
  const started = stack.move();
  return {
    upstream,
    direct: forAnybody({ ...upstream, url }),
    caches,
    own,
    missing,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** @returns the address of its near end. */
async function startLink(stack: AsyncDisposableStack, url: string, { delay, rate }: Link): Promise<string> {
  const program = join(import.meta.dir, '../slow-link.ts');
  const argv = [process.execPath, program, new URL(url).port, `${delay}`, `${rate}`];
  const child = Bun.spawn(argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  stack.defer(async () => {
    child.kill();
    await child.exited;
  });
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    return `http://127.0.0.1:${text.trim()}`;
  }
  throw new UnavailableError('the link to upstream ended before it began');
}

/** As somebody without an account asks. */
export function forAnybody(registry: Registry): Registry {
  const headers = async (): Promise<Record<string, string>> => {
    const scope = `repository:${registry.repository}:pull`;
    return { Authorization: `Bearer ${await anonymousToken(registry.url, scope)}` };
  };
  return { ...registry, headers };
}
