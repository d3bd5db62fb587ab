/** What the readers of instructions share. Pure. */
import type { Command, Escape, Instruction } from './instruction.ts';
import { jsonWords } from './words.ts';

/** What a reader gets: the line after its word, and what every instruction has. */
export interface Rest {
  readonly flags: readonly string[];
  readonly rest: string;
  readonly escape: Escape;
  readonly written: Pick<Instruction, 'lines' | 'text' | 'keyword' | 'comments' | 'heredocs'>;
}

/** An instruction without what every one has. */
export type Without<T> = T extends Instruction ? Omit<T, keyof Rest['written']> : never;

/** The JSON form, or the text that a shell gets. @throws InvalidError */
export function readCommand(text: string): Command {
  const words = jsonWords(text);
  return words ? { form: 'exec', words } : { form: 'shell', text };
}
