import { UnsupportedError } from '../lib/errors.ts';
import type { Escape, Instruction } from './instruction.ts';

/** The value of a variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

/** One word, variables replaced and quotes taken off. @throws DockerfileError */
export function expandWord(_word: string, _lookup: Lookup, _escape: Escape): string {
  throw new UnsupportedError('expandWord: not written yet');
}

/** The words that one becomes: spaces of variables split, as in EXPOSE. @throws DockerfileError */
export function expandWords(_word: string, _lookup: Lookup, _escape: Escape): string[] {
  throw new UnsupportedError('expandWords: not written yet');
}

/**
 * All fields in which the instruction's kind replaces variables; quotes are gone from them.
 * @throws DockerfileError with the instruction's lines
 */
export function expandInstruction<T extends Instruction>(
  _instruction: T,
  _lookup: Lookup,
  _escape: Escape,
): T {
  throw new UnsupportedError('expandInstruction: not written yet');
}

/** For progress: variables replaced where they are set, quotes left, the text itself where it cannot be read. */
export function expandForDisplay(_text: string, _lookup: Lookup, _escape: Escape): string {
  throw new UnsupportedError('expandForDisplay: not written yet');
}
