/** `cais buildx imagetools inspect`: what a registry has under a name, without a pull. */
import type { RegistryClient } from '../../../../oci/distribution/client.ts';
import { domainError } from '../../../../oci/distribution/errors.ts';
import type { Descriptor } from '../../../../oci/image/descriptor.ts';
import { type ImageIndex, type Manifest, parseManifest } from '../../../../oci/image/manifest.ts';
import type { Reference } from '../../../../oci/image/reference.ts';
import { defineCommand, exactly } from '../../../command.ts';
import { bool, stringOr } from '../../../flags.ts';
import { compileTemplate } from '../../../template/execute.ts';
import { toJson } from '../../../template/functions.ts';
import { parseListName } from '../../manifest/manifest-list.ts';
import { connectRegistry, receiveManifest } from '../../manifest/manifest-registry.ts';
import { printManifest } from './print-manifest.ts';
import { fetchVariants, type Variant } from './registry-image.ts';

const wholeManifest = /^\s*\{\{\s*\.Manifest\s*\}\}\s*$/;
const attestationFields = /\.(?:SBOM|Provenance)\b/;
/** `.Image`, or the dot alone. */
const imageFields = /\.Image\b|[\s{(]\.[\s})]/;

export const inspect = defineCommand({
  usage: '[OPTIONS] NAME',
  flags: {
    format: stringOr('{{.Manifest}}', 'Format the output using the given Go template'),
    insecure: bool('Allow communication with an insecure registry'),
    raw: bool('Show original, unformatted JSON manifest'),
  },
  count: exactly(1),
  completes: 'image',
  run: async ({ context, flags: { format, insecure, raw }, args: [text = ''] }) => {
    const name = parseListName(text);
    const client = await connectRegistry(context, name, { insecure, actions: ['pull'] });
    const { bytes, mediaType, digest } = await receiveManifest(client, name);
    const manifest = parseManifest(bytes, mediaType);
    const own = { mediaType, digest, size: bytes.byteLength };
    // Without a newline: what is printed has the digest that it is known by.
    if (raw) return await context.out.write(bytes);
    if (wholeManifest.test(format)) {
      const listed = manifest.kind === 'index' ? manifest.index.manifests : undefined;
      return await context.out.write(printManifest(name, own, listed));
    }
    const template = compileTemplate(format, { functions: { json: (value) => toJson(value, 2) } });
    const variants = await variantsFor(format, client, name, own, manifest);
    await context.out.write(template(viewOf(text, own, manifest, variants)));
  },
});

/** Only what the format asks for is fetched. */
async function variantsFor(
  format: string,
  client: RegistryClient,
  name: Reference,
  own: Descriptor,
  manifest: Manifest,
): Promise<readonly Variant[]> {
  const withAttestations = attestationFields.test(format);
  if (!withAttestations && !imageFields.test(format)) return [];
  try {
    return await fetchVariants(client, name, own, manifest, withAttestations);
  } catch (error) {
    throw domainError(error);
  }
}

/** What templates see: of several platforms, each by its name. */
function viewOf(text: string, own: Descriptor, manifest: Manifest, variants: readonly Variant[]) {
  const view = {
    Name: text,
    Manifest: manifest.kind === 'index' ? indexOf(own, manifest.index) : own,
    Image: each(variants, ({ config }) => config),
    SBOM: each(variants, ({ said }) => said.SBOM) ?? {},
    Provenance: each(variants, ({ said }) => said.Provenance) ?? {},
  };
  const json = { name: text, manifest: view.Manifest, image: view.Image };
  return Object.defineProperty(view, 'toJSON', { value: () => json });
}

/** In buildx's order. */
function indexOf({ mediaType, digest, size }: Descriptor, { manifests, annotations }: ImageIndex) {
  return { schemaVersion: 2, mediaType, digest, size, manifests, ...(annotations && { annotations }) };
}

function each(variants: readonly Variant[], pick: (variant: Variant) => unknown): unknown {
  const [first] = variants;
  if (variants.length < 2) return first && pick(first);
  const picked = variants.map((variant) => [variant.platform, pick(variant)] as const);
  return Object.fromEntries(picked.filter(([, value]) => value !== undefined));
}
