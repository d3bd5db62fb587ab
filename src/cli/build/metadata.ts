/** --metadata-file and --iidfile: what was built, for programs. Keys are buildx's. */
import { pathOf } from '../../engine-api/client.ts';
import type { ImageInspect } from '../../engine-api/types.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { formatReference, parseReference, withDefaultTag } from '../../oci/image/reference.ts';
import type { CliContext } from '../context.ts';
import type { BuiltImage } from './model.ts';

export async function writeMetadata(
  { engine }: CliContext,
  path: string,
  { id, names }: BuiltImage,
): Promise<void> {
  const image = await engine.get<ImageInspect>(`/images/${pathOf(id)}/json`);
  const { Descriptor: descriptor, RepoDigests: pushed } = image;
  // An image that no registry has seen has no manifest yet: docker's own driver says its id then.
  const digest = descriptor?.digest ?? pushed?.[0]?.split('@')[1] ?? id;
  const whole = names.map((name) => formatReference(withDefaultTag(parseReference(name))));
  const metadata = {
    'containerimage.config.digest': id,
    ...(descriptor && { 'containerimage.descriptor': descriptor }),
    'containerimage.digest': digest,
    ...(whole.length > 0 && { 'image.name': whole.join(',') }),
  };
  await writeFileAtomic(path, `${JSON.stringify(metadata, undefined, 2)}\n`);
}
