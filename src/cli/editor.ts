/** A text that the user writes in their editor: $VISUAL, $EDITOR or vi, as git opens it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../lib/errors.ts';
import type { CliConfig } from './config.ts';

/**
 * @param name of the file, for the editor to know what it is about. @returns the text as it was saved.
 * @throws UnavailableError when the editor is not there or fails.
 */
export async function editText({ variables }: CliConfig, name: string, text: string): Promise<string> {
  const editor = variables['VISUAL'] || variables['EDITOR'] || 'vi';
  const directory = await mkdtemp(join(tmpdir(), 'cais-edit-'));
  try {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    // The shell takes an editor with arguments apart: EDITOR='code --wait'.
    const child = Bun.spawn(['/bin/sh', '-c', `${editor} "$@"`, editor, path], {
      stdio: ['inherit', 'inherit', 'inherit'],
      env: variables,
    });
    using _waiting = leaveSignals();
    if ((await child.exited) !== 0)
      throw new UnavailableError(`there was a problem with the editor '${editor}'`);
    return await Bun.file(path).text();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Ctrl-C and Ctrl-\ in a terminal go to the editor and to us: they are the editor's. */
function leaveSignals(): Disposable {
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore).on('SIGQUIT', ignore);
  return { [Symbol.dispose]: () => void process.off('SIGINT', ignore).off('SIGQUIT', ignore) };
}
