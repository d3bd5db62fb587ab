/** `cais hub cache …`: what the hub keeps of images from upstream registries, also while it serves. */
import type { ServerCommand, ServerFlags } from '../cli/context.ts';
import { formatSize, formatAge } from '../cli/human.ts';
import { alignTabs } from '../cli/table.ts';
import type { HubParts } from '../hub/parts.ts';
import { CacheKeeper, type CachedRepository } from '../hub/upstream/cache-keeper.ts';
import { InvalidError, NotFoundError } from '../lib/errors.ts';
import { parseDuration } from '../lib/quantities.ts';
import { formatReference, parseReference } from '../oci/image/reference.ts';
import { openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

const pageSize = 500;

export const listCache: ServerCommand = (flags, _input, output) =>
  withKeeper(flags, async (keeper) => {
    await output.write(
      alignTabs(`NAME\tTAGS\tSIZE\tLAST USED\n${(await Array.fromAsync(lines(keeper))).join('')}`),
    );
  });

/** Of a reference with a tag only the tag: upstream is asked for it when it is pulled next. */
export const removeFromCache: ServerCommand = (flags, _input, output) =>
  withKeeper(flags, async (keeper) => {
    for (const argument of flags.args) {
      const reference = parseReference(argument);
      const { domain: registry, path, tag, digest } = reference;
      if (digest)
        throw new InvalidError(
          'a repository, or a tag of one, is expected: what a digest names never changes',
        );
      if (!(await keeper.forget({ registry, path }, tag)))
        throw new NotFoundError(`not in the cache: ${formatReference(reference)}`);
      await output.write(`${formatReference(reference)}\n`);
    }
  });

export const pruneCache: ServerCommand = (flags, _input, output) =>
  withKeeper(flags, async (keeper) => {
    const age = flags['all'] === true ? 0 : parseDuration(text(flags, 'until') ?? '24h') / 1e6;
    const { manifests, blobs, bytes } = await keeper.shrink(0, new Date(Date.now() - age));
    await output.write(
      `Removed ${manifests} manifests and ${blobs} blobs\nTotal reclaimed space: ${formatSize(bytes)}\n`,
    );
  });

async function withKeeper(flags: ServerFlags, work: (keeper: CacheKeeper) => Promise<void>): Promise<number> {
  await using parts: HubParts = await openQuietly(flags);
  await work(new CacheKeeper(parts));
  return 0;
}

async function* lines(keeper: CacheKeeper): AsyncGenerator<string, void, undefined> {
  for (let last: CachedRepository | undefined; ;) {
    const page = await keeper.list(pageSize, last);
    for (const { registry, path, tags, bytes, used_at } of page) {
      yield `${registry}/${path}\t${tags}\t${formatSize(bytes)}\t${used_at === null ? 'never' : formatAge(used_at / 1000)}\n`;
    }
    last = page.at(-1);
    if (!last) return;
  }
}
