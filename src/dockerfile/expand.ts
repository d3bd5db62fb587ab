/**
 * Variables replaced, in the instructions and fields where the reference says so; quotes and escapes go on the way.
 * https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
import { InvalidError } from '../lib/errors.ts';
import { onLines } from './error.ts';
import type { Add, Arg, Copy, Escape, From, Instruction, Pair } from './instruction.ts';
import { type Lookup, lex } from './shell-word.ts';

export type { Lookup } from './shell-word.ts';

/** One word, variables replaced and quotes taken off. @throws InvalidError */
export function expandWord(word: string, lookup: Lookup, escape: Escape): string {
  return lex(word, { lookup, escape }).text;
}

/** The words that one becomes: spaces of variables split, as in EXPOSE. @throws InvalidError */
export function expandWords(word: string, lookup: Lookup, escape: Escape): readonly string[] {
  return lex(word, { lookup, escape }).words;
}

/** For progress: variables replaced where they are set, quotes left; the text itself where it cannot be read. */
export function expandForDisplay(text: string, lookup: Lookup, escape: Escape): string {
  try {
    return lex(text, { lookup, escape, keepQuotes: true, keepUnset: true }).text;
  } catch (error) {
    if (error instanceof InvalidError) return text;
    throw error;
  }
}

/**
 * All fields in which the instruction's kind replaces variables. Left as they are: CMD, ENTRYPOINT, RUN and HEALTHCHECK
 * (their shell does it), ONBUILD (its trigger does later), the values of RUN --mount (readMount replaces while it reads).
 * Names and values of one ENV, LABEL or ARG all see what `lookup` knew before it.
 * @throws DockerfileError with the instruction's lines
 */
export function expandInstruction<T extends Instruction>(instruction: T, lookup: Lookup, escape: Escape): T {
  // Each branch answers with the kind that it was given, which a type parameter cannot say.
  return onLines(instruction.lines, () => expandFields(instruction, lookup, escape)) as T;
}

/** What all words of one instruction may become together. */
const maxExpanded = 4 * 1024 * 1024;

function expandFields(instruction: Instruction, lookup: Lookup, escape: Escape): Instruction {
  let left = maxExpanded;
  const word = (text: string): string => {
    const result = expandWord(text, lookup, escape);
    left -= result.length;
    if (left < 0) throw new InvalidError(`the result is longer than ${maxExpanded} characters`);
    return result;
  };
  switch (instruction.kind) {
    case 'FROM':
      return expandFrom(instruction, word);
    case 'ARG':
      return expandArg(instruction, word);
    case 'ENV':
    case 'LABEL':
      return {
        ...instruction,
        pairs: instruction.pairs.map(([name, value]): Pair => [word(name), word(value)]),
      };
    case 'COPY':
      if (instruction.from !== undefined) requireConstant(instruction.from, word);
      return expandFiles(instruction, lookup, word);
    case 'ADD':
      return {
        ...expandFiles(instruction, lookup, word),
        ...(instruction.checksum !== undefined && { checksum: word(instruction.checksum) }),
      };
    case 'WORKDIR':
      return { ...instruction, path: word(instruction.path) };
    case 'USER':
      return { ...instruction, user: word(instruction.user) };
    case 'STOPSIGNAL':
      return { ...instruction, signal: word(instruction.signal) };
    case 'VOLUME':
      return { ...instruction, paths: instruction.paths.map(word) };
    case 'EXPOSE':
      return {
        ...instruction,
        ports: instruction.ports.flatMap((port) => expandWords(port, lookup, escape)),
      };
    default:
      return instruction;
  }
}

type Word = (text: string) => string;

function expandFrom(from: From, word: Word): From {
  const image = word(from.image);
  if (image === '') throw new InvalidError(`base name (${from.image}) should not be blank`);
  if (from.platform === undefined) return { ...from, image };
  const platform = word(from.platform);
  if (platform === '') throw new InvalidError(`empty platform value from expression ${from.platform}`);
  return { ...from, image, platform };
}

function expandArg(arg: Arg, word: Word): Arg {
  return {
    ...arg,
    arguments: arg.arguments.map(({ name, value }) => ({
      name,
      ...(value !== undefined && { value: word(value) }),
    })),
  };
}

function expandFiles<T extends Copy | Add>(files: T, lookup: Lookup, word: Word): T {
  return {
    ...files,
    sources: files.sources.map(word),
    destination: word(files.destination),
    ...(files.chown !== undefined && { chown: word(files.chown) }),
    ...(files.chmod !== undefined && { chmod: word(files.chmod) }),
    // Quotes are content here, and the escape is a backslash whatever the file's directive says.
    inline: files.inline.map((heredoc) =>
      heredoc.expands
        ? { ...heredoc, content: lex(heredoc.content, { lookup, escape: '\\', plainQuotes: true }).text }
        : heredoc,
    ),
  };
}

function requireConstant(from: string, word: Word): void {
  if (word(from) === from) return;
  throw new InvalidError(
    'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
  );
}
