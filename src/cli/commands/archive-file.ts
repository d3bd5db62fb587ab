/** Archives as files: read for load and import, written for save and export, whole or not at all. */
import { open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, InvalidError, messageOf } from '../../lib/errors.ts';
import { writeAll } from '../../lib/write-all.ts';
import type { CliContext } from '../context.ts';
import { ExitError } from '../exit-code.ts';

/** @throws InvalidError in Go's words where the file can't be read. */
export async function openInput(path: string): Promise<ReadableStream<Uint8Array>> {
  try {
    await stat(path);
  } catch (error) {
    const reason = errnoOf(error) === 'ENOENT' ? 'no such file or directory' : messageOf(error);
    throw new InvalidError(`open ${path}: ${reason}`, { cause: error });
  }
  return Bun.file(path).stream();
}

/** Writes a body to a file or, without one, to stdout, which must not be a terminal. @param what is done, for messages. */
export async function writeArchive(
  context: CliContext,
  path: string | undefined,
  what: string,
  request: () => Promise<Response>,
): Promise<void> {
  if (path === undefined && context.out.isTerminal) {
    throw new ExitError(1, `cowardly refusing to save to a terminal. Use the -o flag or redirect`);
  }
  if (path !== undefined) await requireFilePath(path, what);
  const response = await request();
  if (path !== undefined) return await writeFile(path, response);
  for await (const chunk of response.body ?? []) await context.out.write(chunk);
}

/** Before anything is asked for. What is there and no regular file (`/dev/null`) is never replaced: it is everybody's. */
async function requireFilePath(path: string, what: string): Promise<void> {
  const failed = (reason: string) => new ExitError(1, `failed to ${what}: ${reason}`);
  const directory = dirname(path);
  await stat(directory).catch(() => {
    throw failed(`invalid output path: stat ${directory}: no such file or directory`);
  });
  const there = await stat(path).catch(() => undefined);
  if (!there || there.isFile()) return;
  if (there.isDirectory()) throw failed('cannot write to a directory');
  if (there.isCharacterDevice()) throw failed('cannot write to a character device file');
  throw failed('cannot write to an irregular file');
}

/** Beside its place first, then renamed: a save that breaks off leaves no half archive. */
async function writeFile(path: string, response: Response): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    for await (const chunk of response.body ?? []) await writeAll(file, chunk);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}
