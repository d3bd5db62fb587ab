/** `cais manifest create`: begins a manifest list, kept here until it is pushed. */
import { ConflictError, InvalidError, NotFoundError } from '../../../lib/errors.ts';
import { formatReference, type Reference } from '../../../oci/image/reference.ts';
import { atLeast, defineCommand } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { bool } from '../../flags.ts';
import { parseListName, parseTarget } from './manifest-list.ts';
import { connectRegistry, fetchManifest } from './manifest-registry.ts';
import { ManifestStore, type StoredManifest } from './manifest-store.ts';

export const create = defineCommand({
  usage: 'MANIFEST_LIST MANIFEST [MANIFEST...]',
  flags: {
    amend: bool('Amend an existing manifest list', 'a'),
    insecure: bool('Allow communication with an insecure registry'),
  },
  count: atLeast(2),
  completes: 'none',
  run: async ({ context, flags, args: [target = '', ...names] }) => {
    const list = parseTarget(target);
    const store = new ManifestStore(context.config.directory);
    if (!flags.amend && (await isThere(store, list)))
      throw new ConflictError('refusing to amend an existing manifest list with no --amend flag');
    for (const text of names) {
      const name = parseListName(text);
      const manifest = (await known(store, list, name)) ?? (await fetch(context, name, flags.insecure));
      await store.save(list, name, manifest);
    }
    await context.out.write(`Created manifest list ${formatReference(list)}\n`);
  },
});

async function isThere(store: ManifestStore, list: Reference): Promise<boolean> {
  return (await store.list(list).catch(unlessMissing)) !== undefined;
}

/** With the changes of an earlier `annotate`. */
function known(store: ManifestStore, list: Reference, name: Reference): Promise<StoredManifest | undefined> {
  return store.get(list, name).catch(unlessMissing);
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
}

async function fetch(context: CliContext, name: Reference, insecure: boolean): Promise<StoredManifest> {
  const client = await connectRegistry(context, name, { insecure, actions: ['pull'] });
  const fetched = await fetchManifest(client, name);
  if (fetched.kind === 'index') throw new InvalidError(`${formatReference(name)} is a manifest list`);
  return fetched.manifest;
}
