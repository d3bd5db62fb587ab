/** Archives as files: read for load and import, written for save and export, whole or not at all. */
import { open, rename, stat, unlink } from 'node:fs/promises';
import { errnoOf, InvalidError, messageOf } from '../../lib/errors.ts';
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

/** Writes a body to a file or, without one, to stdout, which must not be a terminal. @param verb for the message. */
export async function writeArchive(
  context: CliContext,
  path: string | undefined,
  verb: string,
  request: () => Promise<Response>,
): Promise<void> {
  if (path === undefined && context.out.isTerminal) {
    throw new ExitError(1, `cowardly refusing to ${verb} to a terminal. Use the -o flag or redirect`);
  }
  const response = await request();
  if (path !== undefined) return await writeFile(path, response);
  for await (const chunk of response.body ?? []) await context.out.write(chunk);
}

/** Beside its place first, then renamed: a save that breaks off leaves no half archive. */
async function writeFile(path: string, response: Response): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    for await (const chunk of response.body ?? []) await file.write(chunk);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}
