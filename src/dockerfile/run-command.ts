/**
 * What a RUN runs, heredocs put in. One heredoc alone is the script itself: with `#!` an executable file, else the shell's
 * text. A heredoc among other words is left to the shell.
 * https://docs.docker.com/reference/dockerfile/#here-documents
 */
import { UnsupportedError } from '../lib/errors.ts';
import type { Run } from './instruction.ts';

export type RunCommand =
  | { readonly form: 'exec'; readonly words: readonly string[] }
  | { readonly form: 'shell'; readonly text: string }
  /** A file of mode 0755 with this content, mounted at /dev/pipes/<name> and run through the shell by its path. */
  | { readonly form: 'script'; readonly name: string; readonly content: string };

export function runCommand(_run: Run): RunCommand {
  throw new UnsupportedError('runCommand: not written yet');
}
