/** What --output asks for, made of the image that the engine has built: an archive, its files, a push. */
import { mkdir } from 'node:fs/promises';
import { pathOf } from '../../engine-api/client.ts';
import type { ImageInspect } from '../../engine-api/types.ts';
import { formatRepository, parseReference, withDefaultTag } from '../../oci/image/reference.ts';
import { writeArchive } from '../commands/archive-file.ts';
import { pushImage } from '../commands/image/push-image.ts';
import type { CliContext } from '../context.ts';
import type { Output } from '../output.ts';
import { pipeTar } from '../pipe-tar.ts';
import type { BuiltImage } from './model.ts';
import type { BuildOutput } from './outputs.ts';

/** @param progress where a push shows how it goes. */
export async function writeOutputs(
  context: CliContext,
  outputs: readonly BuildOutput[],
  image: BuiltImage,
  progress: Output,
): Promise<void> {
  for (const output of outputs) {
    if (output.type === 'image') await publish(context, output, image, progress);
    else if (output.type === 'local' || output.type === 'tar') await writeFiles(context, output, image.id);
    else await writeImage(context, output.path, image);
  }
  const isKept = outputs.length === 0 || outputs.some(({ type }) => type === 'image');
  if (!isKept) await discard(context, image.id);
}

/** The names that this output alone gives, and the push. */
async function publish(
  context: CliContext,
  { names, isPushed }: Extract<BuildOutput, { type: 'image' }>,
  image: BuiltImage,
  progress: Output,
): Promise<void> {
  for (const name of names) {
    const { tag, ...repository } = withDefaultTag(parseReference(name));
    const query = { repo: formatRepository(repository), tag };
    await context.engine.post(`/images/${pathOf(image.id)}/tag`, { query });
  }
  if (!isPushed) return;
  for (const name of names.length > 0 ? names : image.names) {
    const reference = withDefaultTag(parseReference(name));
    await pushImage(context, reference, { platform: undefined, out: progress });
  }
}

async function writeImage(context: CliContext, path: string, { id, names }: BuiltImage): Promise<void> {
  const query = { names: names.length > 0 ? names : [id] };
  const file = path === '-' ? undefined : path;
  await writeArchive(context, file, 'save image', () => context.engine.call('GET', '/images/get', { query }));
}

/** The files of its layers, and nothing that a container would have besides. */
async function writeFiles(
  context: CliContext,
  { type, path }: Extract<BuildOutput, { path: string }>,
  image: string,
): Promise<void> {
  const files = () => context.engine.call('GET', `/cais/images/${pathOf(image)}/export`);
  if (type === 'tar') await writeArchive(context, path === '-' ? undefined : path, 'export files', files);
  else await unpack((await files()).body, path);
}

/**
 * Files become those of whoever builds. GNU tar makes the links last that lead out of the directory, and so nothing of
 * the archive is written through them. https://www.gnu.org/software/tar/manual/html_section/Integrity.html
 */
async function unpack(body: ReadableStream<Uint8Array> | null, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await pipeTar(['-x', '-p', '--no-same-owner', '-C', directory], body);
}

/** An image that was only a way to its files stays where it has a name or is in use. */
async function discard({ engine }: CliContext, id: string): Promise<void> {
  const { RepoTags } = await engine.get<ImageInspect>(`/images/${pathOf(id)}/json`);
  if ((RepoTags ?? []).length === 0) await engine.delete(`/images/${pathOf(id)}`).catch(() => undefined);
}
