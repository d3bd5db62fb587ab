/**
 * What a RUN runs, heredocs put in. One heredoc alone is the script itself: with `#!` an executable file, else the shell's
 * text. A heredoc among other words is left to the shell.
 * https://docs.docker.com/reference/dockerfile/#here-documents
 */
import { heredocOf, withoutTabs } from './heredoc.ts';
import type { Command, Run } from './instruction.ts';

/** `script`: a file of mode 0755 with this content, mounted read-only at /dev/pipes/<name>; the shell gets that path. */
export type RunCommand =
  | Command
  | { readonly form: 'script'; readonly name: string; readonly content: string };

export function runCommand({ command, heredocs }: Run): RunCommand {
  const [first] = heredocs;
  if (command.form === 'exec' || !first) return command;
  if (!heredocOf(command.text)) {
    const contents = heredocs.map(({ content, name }) => `\n${content}${name}`);
    return { form: 'shell', text: command.text + contents.join('') };
  }
  const content = first.tabs ? withoutTabs(first.content) : first.content;
  return content.startsWith('#!')
    ? { form: 'script', name: first.name, content }
    : { form: 'shell', text: content };
}
