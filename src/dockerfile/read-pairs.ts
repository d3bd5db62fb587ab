/** `name=value` pairs of ENV and LABEL, and of ARG, where the value may be missing. Pure. */
import { InvalidError } from '../lib/errors.ts';
import type { Argument, Escape, Pair } from './instruction.ts';
import { quotedWords } from './words.ts';

/** `a=b "c d"=e`, or the old form `name the rest`. @throws InvalidError */
export function readPairs(
  kind: string,
  text: string,
  escape: Escape,
): { pairs: readonly Pair[]; legacy: boolean } {
  const words = quotedWords(text, escape);
  if (words[0] === undefined) throw new InvalidError(`${kind} requires at least one argument`);
  if (!words[0].includes('=')) {
    const [, name, value] = /^([^\t\v\f\r ]+)[\t\v\f\r ]+([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new InvalidError(`${kind} must have two arguments`);
    }
    return { pairs: [[name, value]], legacy: true };
  }
  return { pairs: words.map((word) => readPair(kind, word)), legacy: false };
}

function readPair(kind: string, word: string): Pair {
  const equals = word.indexOf('=');
  if (equals === -1) {
    throw new InvalidError(
      `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
    );
  }
  return splitAt(kind, word, equals);
}

/** `name` or `name=value`, one at least. @throws InvalidError */
export function readArguments(text: string, escape: Escape): Argument[] {
  const words = quotedWords(text, escape);
  if (words.length === 0) throw new InvalidError('ARG requires at least one argument');
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals === -1) return { name: word };
    const [name, value] = splitAt('ARG', word, equals);
    return { name, value };
  });
}

function splitAt(kind: string, word: string, equals: number): Pair {
  if (equals === 0) throw new InvalidError(`${kind} names can not be blank`);
  return [word.slice(0, equals), word.slice(equals + 1)];
}
