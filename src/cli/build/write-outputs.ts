/** What --output asks for, made of the images that the engine has built: an archive, their files, a push. */
import { mkdir } from 'node:fs/promises';
import { pathOf } from '../../engine-api/client.ts';
import type { ImageInspect } from '../../engine-api/types.ts';
import {
  formatReference,
  formatRepository,
  parseReference,
  withDefaultTag,
} from '../../oci/image/reference.ts';
import { writeArchive } from '../commands/archive-file.ts';
import { pushImage } from '../commands/image/push-image.ts';
import type { CliContext } from '../context.ts';
import type { Output } from '../output.ts';
import { pipeTar } from '../pipe-tar.ts';
import { showProgress } from '../progress.ts';
import { registryAuth } from '../registry-auth.ts';
import { type Annotation, platformDirectory } from './annotations.ts';
import { imageSet, isForSeveral, platformImages } from './image-set.ts';
import type { BuiltImage } from './model.ts';
import { type BuildOutput, isUsual, type OutputForm } from './outputs.ts';

export interface Written {
  readonly image: BuiltImage;
  readonly outputs: readonly BuildOutput[];
  readonly annotations: readonly Annotation[];
  /** Kinds of what is said about files beside them. */
  readonly attestations: readonly string[];
  /** Where a push shows how it goes. */
  readonly progress: Output;
}

/** @returns the digest that a registry has it by now; undefined where it was not pushed as a set. */
export async function writeOutputs(context: CliContext, written: Written): Promise<string | undefined> {
  const { outputs, image } = written;
  let digest: string | undefined;
  for (const output of outputs) {
    if (output.type === 'image') digest = (await publish(context, output, written)) ?? digest;
    else if ('form' in output) await writeImage(context, output, written);
    else await writeFiles(context, output, written);
  }
  const isKept = outputs.length === 0 || outputs.some(({ type }) => type === 'image');
  if (!isKept || isForSeveral(image)) {
    for (const { id } of platformImages(image)) await discard(context, id);
  }
  return digest;
}

/** The names that this output alone gives, and the push. */
async function publish(
  context: CliContext,
  { names, isPushed, form }: Extract<BuildOutput, { type: 'image' }>,
  written: Written,
): Promise<string | undefined> {
  const { image, progress, annotations } = written;
  const isSet = isForSeveral(image) || annotations.length > 0 || !isUsual(form);
  for (const name of isForSeveral(image) ? [] : names) {
    const { tag, ...repository } = withDefaultTag(parseReference(name));
    const query = { repo: formatRepository(repository), tag };
    await context.engine.post(`/images/${pathOf(image.id)}/tag`, { query });
  }
  if (!isPushed) return undefined;
  let digest: string | undefined;
  for (const name of names.length > 0 ? names : image.names) {
    const reference = withDefaultTag(parseReference(name));
    if (isSet) digest = await pushSet(context, name, form, written);
    else await pushImage(context, reference, { platform: undefined, out: progress });
  }
  return digest;
}

async function pushSet(
  context: CliContext,
  name: string,
  form: OutputForm,
  { image, annotations, progress }: Written,
): Promise<string | undefined> {
  const reference = withDefaultTag(parseReference(name));
  const response = await context.engine.call('POST', '/cais/image-sets/push', {
    json: { ...imageSet(image, annotations, form), names: [formatReference(reference)] },
    headers: await registryAuth(context, reference),
  });
  let digest: string | undefined;
  await showProgress(response.body, progress, (aux) => ({ Digest: digest } = aux as { Digest?: string }));
  return digest;
}

async function writeImage(
  context: CliContext,
  { type, path, form }: Extract<BuildOutput, { type: 'oci' | 'docker' }>,
  { image, annotations }: Written,
): Promise<void> {
  const { id, names } = image;
  const file = path === '-' ? undefined : path;
  const { engine } = context;
  const save = (): Promise<Response> => {
    if (type === 'oci' || !isUsual(form)) {
      const isDocker = type === 'docker';
      const json = { ...imageSet(image, annotations, form), names, isDocker };
      return engine.call('POST', '/cais/image-sets/save', { json });
    }
    return engine.call('GET', '/images/get', { query: { names: names.length > 0 ? names : [id] } });
  };
  await writeArchive(context, file, 'save image', save);
}

/** The files of its layers, and what the build was asked to say about them; of several platforms a directory each. */
async function writeFiles(
  context: CliContext,
  { type, path, attestationPrefix }: Extract<BuildOutput, { type: 'tar' | 'local' }>,
  { image, attestations }: Written,
): Promise<void> {
  const images = platformImages(image);
  const directories = isForSeveral(image) ? images.map(({ platform }) => platformDirectory(platform)) : [];
  const query = {
    image: images.map(({ id }) => id),
    directory: directories,
    attestation: attestations,
    prefix: attestationPrefix === '' ? undefined : attestationPrefix,
  };
  const files = () => context.engine.call('GET', '/cais/image-sets/files', { query });
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
