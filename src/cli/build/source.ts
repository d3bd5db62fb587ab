/**
 * What PATH | URL | - and -f mean: a directory to send, standard input as an archive or as a Dockerfile, or an address
 * that the engine fetches itself. Messages are docker's.
 */
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { errnoOf, InvalidError, messageOf, NotFoundError } from '../../lib/errors.ts';
import type { CliContext } from '../context.ts';
import { peek } from '../../lib/peek.ts';

/** The Dockerfile's text and that of its .dockerignore; empty where it has none. */
interface DockerfileText {
  readonly text: string;
  readonly ignore: string;
}

export type BuildSource =
  | {
      readonly kind: 'directory';
      readonly directory: string;
      /** Its path within the directory; undefined where it comes from elsewhere. */
      readonly path: string | undefined;
      readonly dockerfile: DockerfileText;
      /** As the user knows the file, for messages. */
      readonly shownName: string;
    }
  | {
      readonly kind: 'archive';
      readonly body: ReadableStream<Uint8Array>;
      readonly path: string | undefined;
      readonly shownName: string;
    }
  | { readonly kind: 'dockerfile'; readonly dockerfile: DockerfileText; readonly shownName: string }
  | {
      readonly kind: 'remote';
      readonly address: string;
      /** From elsewhere: it goes along. */
      readonly text?: string;
      readonly path: string | undefined;
      readonly shownName: string;
    };

/** @param file the value of -f. @throws InvalidError, NotFoundError */
export async function openSource(
  context: CliContext,
  place: string,
  file: string | undefined,
): Promise<BuildSource> {
  if (place === '-' && file === '-') {
    throw new InvalidError("invalid argument: can't use stdin for both build context and dockerfile");
  }
  if (place === '-') return await openInput(context, file);
  if (isRemote(place)) {
    if (file === '-') {
      const text = await new Response(context.input.stream()).text();
      return { kind: 'remote', address: place, path: undefined, text, shownName: 'stdin' };
    }
    return { kind: 'remote', address: place, path: file, shownName: file ?? 'Dockerfile' };
  }
  return await openDirectory(context, place, file);
}

/** https://docs.docker.com/build/concepts/context/#remote-context */
export function isRemote(place: string): boolean {
  return /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(place);
}

/** Enough to tell an archive from a Dockerfile: a tar header. */
const headerSize = 512;

async function openInput(context: CliContext, file: string | undefined): Promise<BuildSource> {
  const { head, stream } = await peek(context.input.stream(), headerSize);
  if (isArchive(head)) return { kind: 'archive', body: stream, path: file, shownName: file ?? 'Dockerfile' };
  if (file !== undefined) {
    throw new InvalidError('ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
  }
  return {
    kind: 'dockerfile',
    dockerfile: { text: await new Response(stream).text(), ignore: '' },
    shownName: 'Dockerfile',
  };
}

const magics = [
  [0x1f, 0x8b],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
];

function isArchive(head: Uint8Array): boolean {
  if (magics.some((magic) => magic.every((byte, at) => head[at] === byte))) return true;
  return head.length >= headerSize && Buffer.from(head).toString('latin1', 257, 262) === 'ustar';
}

async function openDirectory(
  context: CliContext,
  place: string,
  file: string | undefined,
): Promise<BuildSource> {
  const directory = contextDirectory(place);
  if (!statSync(directory).isDirectory()) {
    throw new InvalidError(`unable to prepare context: context must be a directory: ${directory}`);
  }
  if (file === '-') {
    const text = await new Response(context.input.stream()).text();
    const dockerfile = { text, ignore: readIfThere(join(directory, '.dockerignore')) ?? '' };
    return { kind: 'directory', directory, path: undefined, dockerfile, shownName: 'stdin' };
  }
  const found = findDockerfile(directory, file);
  const ignore = readIfThere(`${found}.dockerignore`) ?? readIfThere(join(directory, '.dockerignore'));
  const inside = relative(directory, found);
  return {
    kind: 'directory',
    directory,
    path: inside.startsWith('..') ? undefined : inside,
    dockerfile: { text: readDockerfile(found), ignore: ignore ?? '' },
    shownName: file ?? join(place, basename(found)),
  };
}

/** Read at once, all of it: a thread for each small file costs a millisecond more than the file. */
function contextDirectory(place: string): string {
  try {
    return realpathSync(place);
  } catch (cause) {
    throw new NotFoundError(`unable to prepare context: path ${JSON.stringify(place)} not found`, { cause });
  }
}

/** -f is of the working directory, or else of the context; without it `Dockerfile`, or `dockerfile`. */
function findDockerfile(directory: string, file: string | undefined): string {
  const candidates =
    file === undefined
      ? [join(directory, 'Dockerfile'), join(directory, 'dockerfile')]
      : [resolve(file), resolve(directory, file)];
  for (const candidate of candidates) {
    // The directory's real path with the name as it is: a link in the context stays a name of the context.
    try {
      const path = join(realpathSync(dirname(candidate)), basename(candidate));
      if (lstatSync(path, { throwIfNoEntry: false })) return path;
    } catch {
      // No such directory: the next one.
    }
  }
  const [first = ''] = candidates;
  throw new NotFoundError(
    `failed to read dockerfile: open ${file ?? basename(first)}: no such file or directory`,
  );
}

/** What no Dockerfile reaches. */
const largest = 16 * 1024 * 1024;

function readDockerfile(path: string): string {
  try {
    const found = statSync(path);
    if (found.isDirectory()) {
      throw new InvalidError(`failed to read dockerfile: read ${basename(path)}: is a directory`);
    }
    const { size } = found;
    if (size > largest) throw new InvalidError(`the Dockerfile is larger than ${largest} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw new InvalidError(`failed to read dockerfile: ${messageOf(error)}`, { cause: error });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new InvalidError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
