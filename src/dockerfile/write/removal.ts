/** RUN lines that take files away, and such as need a shell of a known kind. */
import { jsonList, shellPath } from './quote.ts';

/** Of one command, in characters: Linux takes no argument beyond 128 KiB, and `sh -c` gets all of it as one. */
const maxCommand = 60_000;

const lineBreak = 0x0a;

/** Nothing for no paths. @param paths absolute. */
export function removalLines(
  paths: readonly Buffer[],
  shell: readonly string[] | null | undefined,
): string[] {
  const lines: string[] = [];
  let words: string[] = [];
  let length = 0;
  for (const path of paths.filter((path) => path.at(-1) === lineBreak)) {
    // The shell takes line breaks off the end of what a command says.
    const name = shellPath(Buffer.concat([path, Buffer.from('x')]));
    lines.push(runLine(`name=${name} && rm -rf "\${name%x}"`, shell));
  }
  for (const word of paths.filter((path) => path.at(-1) !== lineBreak).map(shellPath)) {
    if (length + word.length > maxCommand) {
      lines.push(removal(words, shell));
      [words, length] = [[], 0];
    }
    words.push(word);
    length += word.length + 7;
  }
  if (words.length > 0) lines.push(removal(words, shell));
  return lines;
}

function removal(words: readonly string[], shell: readonly string[] | null | undefined): string {
  return runLine(`rm -rf ${words.join(' \\\n    ')}`, shell);
}

/** @param command for a POSIX shell; it may stand on several lines, joined by a backslash. @param shell what SHELL has set. */
export function runLine(command: string, shell: readonly string[] | null | undefined): string {
  if (!shell?.length || shell.join(' ') === '/bin/sh -c') return `RUN ${command}`;
  return `RUN ${jsonList(['/bin/sh', '-c', command.replaceAll(/ \\\n */g, ' ')])}`;
}
