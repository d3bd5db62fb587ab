/** --metadata-file and --iidfile: what was built, for programs. Keys are buildx's. */
import { pathOf } from '../../engine-api/client.ts';
import type { ImageInspect } from '../../engine-api/types.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { errnoOf, InvalidError, messageOf } from '../../lib/errors.ts';
import { formatReference, parseReference, withDefaultTag } from '../../oci/image/reference.ts';
import type { CliContext } from '../context.ts';
import { isForSeveral } from './image-set.ts';
import type { BuiltImage } from './model.ts';

/** @param sent the digest that a registry has it by, where it was pushed just now. */
export async function writeMetadata(
  { engine }: CliContext,
  path: string,
  built: BuiltImage,
  sent: string | undefined,
): Promise<void> {
  const { id, names } = built;
  const whole = names.map((name) => formatReference(withDefaultTag(parseReference(name))));
  const named = { ...(whole.length > 0 && { 'image.name': whole.join(',') }) };
  if (isForSeveral(built)) {
    await writeJson(path, { ...(sent !== undefined && { 'containerimage.digest': sent }), ...named });
    return;
  }
  const image = await engine.get<ImageInspect>(`/images/${pathOf(id)}/json`);
  const { Descriptor: descriptor, RepoDigests: pushed } = image;
  // An image that no registry has seen has no manifest yet: docker's own driver says its id then.
  const digest = sent ?? descriptor?.digest ?? pushed?.[0]?.split('@')[1] ?? id;
  await writeJson(path, {
    'containerimage.config.digest': id,
    ...(descriptor && { 'containerimage.descriptor': descriptor }),
    'containerimage.digest': digest,
    ...named,
  });
}

async function writeJson(path: string, metadata: object): Promise<void> {
  await writeForPrograms(path, `${JSON.stringify(metadata, undefined, 2)}\n`);
}

/** @throws InvalidError naming the file that was asked for, not the one beside it that is written first. */
export async function writeForPrograms(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text);
  } catch (cause) {
    const reason = errnoOf(cause) === 'ENOENT' ? 'no such file or directory' : messageOf(cause);
    throw new InvalidError(`open ${path}: ${reason}`, { cause });
  }
}
