/** `cais manifest inspect`: a list that is kept here, or else what the registry has under the name. */
import { NotFoundError } from '../../../lib/errors.ts';
import type { Reference } from '../../../oci/image/reference.ts';
import { between, defineCommand } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { bool } from '../../flags.ts';
import { composeList, parseListName } from './manifest-list.ts';
import { connectRegistry, fetchEntry, fetchManifest } from './manifest-registry.ts';
import { ManifestStore, type StoredManifest } from './manifest-store.ts';

export const inspect = defineCommand({
  usage: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
  flags: {
    insecure: bool('Allow communication with an insecure registry'),
    verbose: bool('Output additional info including layers and platform', 'v'),
  },
  count: between(1, 2),
  completes: 'none',
  run: async ({ context, flags, args }) => {
    const [list, image = ''] = args.length === 2 ? args : [undefined, args[0]];
    const name = parseListName(image);
    const store = new ManifestStore(context.config.directory);
    const text =
      list === undefined
        ? await inspectName(context, store, name, flags)
        : imageText(await store.get(parseListName(list), name), flags.verbose);
    await context.out.write(`${text}\n`);
  },
});

interface InspectFlags {
  readonly insecure: boolean;
  readonly verbose: boolean;
}

async function inspectName(
  context: CliContext,
  store: ManifestStore,
  name: Reference,
  { insecure, verbose }: InspectFlags,
): Promise<string> {
  const local = await store.list(name).catch((error: unknown) => {
    if (!(error instanceof NotFoundError)) throw error;
  });
  if (local) return verbose ? indented(local) : listText(local);
  const client = await connectRegistry(context, name, { insecure, actions: ['pull'] });
  const fetched = await fetchManifest(client, name);
  if (fetched.kind === 'image') return imageText(fetched.manifest, verbose);
  const entries: StoredManifest[] = [];
  for (const descriptor of fetched.index.manifests) entries.push(await fetchEntry(client, name, descriptor));
  return verbose ? indented(entries) : listText(entries);
}

function listText(manifests: readonly StoredManifest[]): string {
  return composeList(manifests.map(({ Descriptor }) => Descriptor)).text;
}

function imageText(manifest: StoredManifest, isVerbose: boolean): string {
  if (isVerbose) return indented(manifest);
  return indented(JSON.parse(Buffer.from(manifest.Raw ?? '', 'base64').toString()) as object);
}

function indented(value: object): string {
  return JSON.stringify(value, undefined, '\t');
}
