/** `cais hub cache …`: what the hub keeps of images from upstream registries, also while it serves. */
import type { ServerCommand, ServerFlags } from '../cli/context.ts';
import { formatSize, formatAge } from '../cli/human.ts';
import { alignTabs } from '../cli/table.ts';
import type { HubParts } from '../hub/parts.ts';
import { type Administering, pruneCache, removeFromCache } from '../hub/upstream/administer-cache.ts';
import { CacheKeeper } from '../hub/upstream/cache-keeper.ts';
import { type CachedRepository, CacheList } from '../hub/upstream/cache-list.ts';
import { openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

const pageSize = 500;

export const listCache: ServerCommand = (flags, _input, output) =>
  withCache(flags, async ({ list }) => {
    await output.write(
      alignTabs(`NAME\tTAGS\tSIZE\tLAST USED\n${(await Array.fromAsync(lines(list))).join('')}`),
    );
  });

export const removeFromHubCache: ServerCommand = (flags, _input, output) =>
  withCache(flags, async (parts) => {
    for (const argument of flags.args) await output.write(`${await removeFromCache(parts, argument)}\n`);
  });

export const pruneHubCache: ServerCommand = (flags, _input, output) =>
  withCache(flags, async (parts) => {
    const pruning = { all: flags['all'] === true, until: text(flags, 'until') };
    const { manifests, blobs, bytes } = await pruneCache(parts, pruning);
    await output.write(
      `Removed ${manifests} manifests and ${blobs} blobs\nTotal reclaimed space: ${formatSize(bytes)}\n`,
    );
  });

async function withCache(
  flags: ServerFlags,
  work: (parts: Administering & { readonly list: CacheList }) => Promise<void>,
): Promise<number> {
  await using parts: HubParts = await openQuietly(flags);
  const { changes, database } = parts;
  await work({ keeper: new CacheKeeper(parts), list: new CacheList(database), changes });
  return 0;
}

async function* lines(list: CacheList): AsyncGenerator<string, void, undefined> {
  for (let last: CachedRepository | undefined; ;) {
    const page = await list.after(pageSize, last);
    for (const { registry, path, tags, bytes, used_at } of page) {
      yield `${registry}/${path}\t${tags}\t${formatSize(bytes)}\t${used_at === null ? 'never' : formatAge(used_at / 1000)}\n`;
    }
    last = page.at(-1);
    if (!last) return;
  }
}
