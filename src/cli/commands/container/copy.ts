/**
 * The two directions of `cp`. tar does the files of this machine: it knows owners, modes and links, and streams.
 * The rules of where things land are cp -a's: into a directory that exists, else under the new name.
 */
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathOf } from '../../../engine-api/client.ts';
import { errnoOf, InvalidError, NotFoundError, UnavailableError } from '../../../lib/errors.ts';
import type { CliContext } from '../../context.ts';
import { pipeTar } from '../../pipe-tar.ts';

export interface CopyOptions {
  readonly archive: boolean;
  readonly followLink: boolean;
}

interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's FileMode: the directory bit is 1 << 31. */
  readonly mode: number;
  readonly linkTarget: string;
}

const directoryBit = 2 ** 31;
const symlinkBit = 2 ** 27;

export async function copyFromContainer(
  context: CliContext,
  container: string,
  path: string,
  target: string,
  options: CopyOptions,
): Promise<void> {
  const source = options.followLink ? await followInContainer(context, container, path) : path;
  const response = await context.engine.call('GET', `/containers/${pathOf(container)}/archive`, {
    query: { path: source },
  });
  if (target === '-') {
    for await (const chunk of response.body ?? []) await context.out.write(chunk);
    return;
  }
  const found = readStat(response);
  const place = await localPlace(target, found, path);
  const rename = found.name === place.name ? [] : renaming(found.name, place.name);
  const owner = options.archive ? ['--same-owner'] : ['--no-same-owner'];
  await pipeTar(['-x', '-p', '-C', place.directory, ...owner, ...rename], response.body);
}

/** `dir/.` means the content of the directory: its own name is left out. */
function renaming(from: string, to: string): readonly string[] {
  const pattern = from.replaceAll(/[\\^$.*[\]|]/g, String.raw`\$&`);
  return ['--transform', `s|^${pattern}\\($\\|/\\)|${to.replaceAll(/[\\&|]/g, String.raw`\$&`)}\\1|S`];
}

interface LocalPlace {
  readonly directory: string;
  readonly name: string;
}

async function localPlace(target: string, found: PathStat, source: string): Promise<LocalPlace> {
  const isDirectory = Math.trunc(found.mode / directoryBit) % 2 === 1;
  const existing = await stat(target).catch(() => undefined);
  const full = resolve(target);
  if (existing?.isDirectory() === true) {
    return { directory: full, name: source.endsWith('/.') ? '.' : found.name };
  }
  if (existing && isDirectory) throw new InvalidError('cannot copy directory');
  if (!existing && target.endsWith('/') && !isDirectory) {
    throw new NotFoundError('no such directory');
  }
  const parent = dirname(full);
  if (!(await stat(parent).catch(() => undefined))) {
    throw new NotFoundError(`invalid output path: directory ${JSON.stringify(parent)} does not exist`);
  }
  return { directory: parent, name: basename(full) };
}

export async function copyToContainer(
  context: CliContext,
  source: string,
  container: string,
  path: string,
  options: CopyOptions,
): Promise<void> {
  const query = { noOverwriteDirNonDir: 'true', copyUIDGID: options.archive };
  const put = async (directory: string, body: ReadableStream<Uint8Array>) => {
    const target = `/containers/${pathOf(container)}/archive`;
    const headers = { 'Content-Type': 'application/x-tar' };
    await (
      await context.engine.call('PUT', target, { query: { path: directory, ...query }, headers, body })
    ).text();
  };
  if (source === '-') return await put(path, context.input.stream());
  const local = options.followLink ? await realpath(source) : resolve(source);
  const { isDirectory, place } = await containerPlace(context, container, path, source, local);
  const isContent = source.endsWith('/.') && isDirectory;
  const name = isContent ? '.' : basename(local);
  const rename = place.name === name ? [] : renaming(name, place.name);
  const tar = Bun.spawn(['tar', '-c', '-C', isContent ? local : dirname(local), ...rename, '--', name], {
    stdout: 'pipe',
    stderr: 'pipe',
  });
  await put(place.directory, tar.stdout);
  if ((await tar.exited) !== 0) throw new UnavailableError((await new Response(tar.stderr).text()).trim());
}

async function containerPlace(
  context: CliContext,
  container: string,
  path: string,
  typed: string,
  local: string,
): Promise<{ isDirectory: boolean; place: LocalPlace }> {
  const info = await lstat(local).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw new NotFoundError(`lstat ${local}: no such file or directory`);
  });
  const isDirectory = info.isDirectory();
  const found = await statInContainer(context, container, path);
  if (found && found.mode >= directoryBit) {
    const isContent = typed.endsWith('/.') && isDirectory;
    return { isDirectory, place: { directory: path, name: isContent ? '.' : basename(local) } };
  }
  if (found && isDirectory) throw new InvalidError('cannot copy directory');
  if (!found && path.endsWith('/') && !isDirectory) throw new NotFoundError('no such directory');
  const full = join('/', path);
  return { isDirectory, place: { directory: dirname(full), name: basename(full) } };
}

/** What a path in a container is; undefined where it isn't. Links are followed within the container. */
async function statInContainer(
  context: CliContext,
  container: string,
  path: string,
): Promise<PathStat | undefined> {
  const target = `/containers/${pathOf(container)}/archive`;
  const response = await context.engine.call('HEAD', target, { query: { path } }).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  if (!response) return undefined;
  const found = readStat(response);
  const isLink = Math.trunc(found.mode / symlinkBit) % 2 === 1;
  return isLink ? await statInContainer(context, container, linkTarget(path, found)) : found;
}

async function followInContainer(context: CliContext, container: string, path: string): Promise<string> {
  const target = `/containers/${pathOf(container)}/archive`;
  const found = readStat(await context.engine.call('HEAD', target, { query: { path } }));
  return found.linkTarget === '' ? path : linkTarget(path, found);
}

function linkTarget(path: string, { linkTarget }: PathStat): string {
  return linkTarget.startsWith('/') ? linkTarget : join(dirname(path), linkTarget);
}

function readStat(response: Response): PathStat {
  const header = response.headers.get('X-Docker-Container-Path-Stat') ?? '';
  return JSON.parse(Buffer.from(header, 'base64').toString()) as PathStat;
}
