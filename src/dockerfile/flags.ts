/** The `--name=value` flags of an instruction, against those that it knows. Pure. */
import { InvalidError } from '../lib/errors.ts';
import { withSuggestion } from './suggest.ts';

/** `strings` may be given more than once. */
export type FlagKinds = Readonly<Record<string, 'boolean' | 'string' | 'strings'>>;

type Value<K> = K extends 'boolean' ? boolean : K extends 'string' ? string : readonly string[];

/** Flags not given are not there. */
export type Flags<K extends FlagKinds> = { readonly [name in keyof K]?: Value<K[name]> };

/** @throws InvalidError in BuildKit's words. */
export function readFlags<const K extends FlagKinds>(words: readonly string[], kinds: K): Flags<K> {
  const found: Record<string, boolean | string | string[]> = {};
  for (const word of words) {
    const [, flag = word, value] = /^([^=]*)=([\s\S]*)$/.exec(word) ?? [];
    const name = flag.slice(2);
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (!kind) throw new InvalidError(withSuggestion(`unknown flag: ${flag}`, name, Object.keys(kinds)));
    const before = found[name];
    if (before !== undefined && kind !== 'strings') {
      throw new InvalidError(`duplicate flag specified: ${flag}`);
    }
    if (kind === 'boolean') found[name] = readBoolean(flag, value);
    else if (value === undefined) throw new InvalidError(`missing a value on flag: ${flag}`);
    else if (kind === 'string') found[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else found[name] = [value];
  }
  return found as Flags<K>;
}

function readBoolean(flag: string, value: string | undefined): boolean {
  if (value === undefined) return true;
  if (value === '') throw new InvalidError(`missing a value on flag: ${flag}`);
  const word = value.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw new InvalidError(`expecting boolean value for flag ${flag}, not: ${value}`);
}
