/** What `imagetools create` is given: names, digests, and descriptors, as words or in files. */
import { readFile } from 'node:fs/promises';
import { errnoOf, InvalidError, messageOf } from '../../../../lib/errors.ts';
import type { Descriptor } from '../../../../oci/image/descriptor.ts';
import { tryParseDigest } from '../../../../oci/image/digest.ts';
import { parseDescriptor } from '../../../../oci/image/manifest.ts';
import { formatRepository, type Reference } from '../../../../oci/image/reference.ts';
import { parseListName } from '../../manifest/manifest-list.ts';

export interface NamedSource {
  readonly name: Reference;
  /** What a descriptor says besides: it counts more than what the image says. */
  readonly said: Pick<Descriptor, 'platform' | 'annotations'>;
}

/** --file: each holds one source. @throws InvalidError */
export async function readFiles(paths: readonly string[]): Promise<readonly string[]> {
  return await Promise.all(paths.map(readSource));
}

async function readSource(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const reason = errnoOf(cause) === 'ENOENT' ? 'no such file or directory' : messageOf(cause);
    throw new InvalidError(`open ${path}: ${reason}`, { cause });
  }
}

/** A digest or a descriptor alone is of the one repository that is spoken of. @throws InvalidError, CorruptError */
export function parseSources(
  words: readonly string[],
  targets: readonly Reference[],
): readonly NamedSource[] {
  const parsed = words.map(parseWord);
  const named = [...parsed.flatMap(({ name }) => name ?? []), ...targets];
  const repositories = new Set(named.map(formatRepository));
  const [only] = named;
  if (!only) throw new InvalidError('no repositories specified, please set a reference in tag or source');
  return parsed.map(({ name, digest, text, said = {} }) => {
    if (name) return { name, said };
    if (repositories.size > 1 || digest === undefined)
      throw new InvalidError(
        `multiple repositories specified, cannot infer repository for ${JSON.stringify(text)}`,
      );
    return { name: { domain: only.domain, path: only.path, digest }, said };
  });
}

interface Word extends Partial<NamedSource> {
  readonly text: string;
  readonly digest?: Descriptor['digest'];
}

function parseWord(text: string): Word {
  const digest = tryParseDigest(text);
  if (digest) return { text, digest };
  if (!text.startsWith('{')) return { text, name: parseListName(text) };
  const { platform, annotations, ...entry } = parseDescriptor(text);
  return {
    text,
    digest: entry.digest,
    said: { ...(platform && { platform }), ...(annotations && { annotations }) },
  };
}
