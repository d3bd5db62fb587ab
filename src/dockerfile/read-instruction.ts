/** One instruction of its line, by its word. Messages are BuildKit's. Pure. */
import { InvalidError } from '../lib/errors.ts';
import { readFlags } from './flags.ts';
import type { Escape, From, Instruction, OnBuild } from './instruction.ts';
import type { LogicalLine } from './logical-lines.ts';
import { readCommand, type Rest, type Without } from './read-command.ts';
import { readAdd, readCopy } from './read-files.ts';
import { readHealthcheck } from './read-healthcheck.ts';
import { readArguments, readPairs } from './read-pairs.ts';
import { readRun } from './read-run.ts';
import { withSuggestion } from './suggest.ts';
import { blankWords, jsonWords, splitInstruction, trim } from './words.ts';

type Kind = Instruction['kind'];

/** @throws InvalidError */
export function readInstruction(line: LogicalLine, escape: Escape): Instruction {
  const { keyword, flags, rest } = splitInstruction(line.text, escape);
  const kind = keyword.toUpperCase();
  const { lines, comments, heredocs } = line;
  const written = { lines, comments, heredocs, keyword, text: trim(line.text) };
  if (!isKind(kind)) {
    const lower = keyword === keyword.toLowerCase();
    const known = Object.keys(readers).map((name) => (lower ? name.toLowerCase() : name));
    throw new InvalidError(withSuggestion(`unknown instruction: ${keyword}`, lower ? keyword : kind, known));
  }
  return { ...written, ...readers[kind]({ flags, rest, escape, written }) };
}

const readers: Readonly<Record<Kind, (rest: Rest) => Without<Instruction>>> = {
  FROM: readFrom,
  ARG: ({ rest, escape }) => ({ kind: 'ARG', arguments: readArguments(rest, escape) }),
  ENV: flagless(({ rest, escape }) => ({ kind: 'ENV', ...readPairs('ENV', rest, escape) })),
  LABEL: flagless(({ rest, escape }) => ({ kind: 'LABEL', ...readPairs('LABEL', rest, escape) })),
  RUN: readRun,
  COPY: readCopy,
  ADD: readAdd,
  CMD: flagless(({ rest }) => ({ kind: 'CMD', command: readCommand(rest) })),
  ENTRYPOINT: flagless(({ rest }) => ({ kind: 'ENTRYPOINT', command: readCommand(rest) })),
  WORKDIR: flagless(({ rest }) => ({ kind: 'WORKDIR', path: single('WORKDIR', rest) })),
  USER: flagless(({ rest }) => ({ kind: 'USER', user: single('USER', rest) })),
  EXPOSE: flagless(({ rest }) => ({ kind: 'EXPOSE', ports: some('EXPOSE', blankWords(rest)).toSorted() })),
  VOLUME: flagless(({ rest }) => ({ kind: 'VOLUME', paths: readPaths(rest) })),
  SHELL: flagless(({ rest }) => ({ kind: 'SHELL', words: readShell(rest) })),
  STOPSIGNAL: flagless(({ rest }) => ({ kind: 'STOPSIGNAL', signal: single('STOPSIGNAL', rest) })),
  HEALTHCHECK: readHealthcheck,
  ONBUILD: flagless(readOnBuild),
  MAINTAINER: flagless(({ rest }) => ({ kind: 'MAINTAINER', name: single('MAINTAINER', rest) })),
};

function isKind(word: string): word is Kind {
  return Object.hasOwn(readers, word);
}

function flagless<T>(read: (rest: Rest) => T): (rest: Rest) => T {
  return (rest) => {
    readFlags(rest.flags, {});
    return read(rest);
  };
}

const stageName = /^[a-z][a-z0-9\-_.]*$/;

function readFrom({ flags: words, rest }: Rest): Without<From> {
  const [image, as, name, ...more] = blankWords(rest);
  const named = name !== undefined && more.length === 0 && as?.toLowerCase() === 'as';
  if (image === undefined || (as !== undefined && !named)) {
    throw new InvalidError('FROM requires either one or three arguments');
  }
  if (named && !stageName.test(name.toLowerCase())) {
    throw new InvalidError(
      `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`,
    );
  }
  const { platform } = readFlags(words, { platform: 'string' });
  return { kind: 'FROM', image, ...(named && { as, name }), ...(platform && { platform }) };
}

function readOnBuild({ rest, escape, written }: Rest): Without<OnBuild> {
  const kind = splitInstruction(rest, escape).keyword.toUpperCase();
  if (kind === '') throw new InvalidError('ONBUILD requires at least one argument');
  if (kind === 'ONBUILD') throw new InvalidError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (kind === 'FROM' || kind === 'MAINTAINER') {
    throw new InvalidError(`${kind} isn't allowed as an ONBUILD trigger`);
  }
  const trigger = readInstruction({ ...written, text: rest, comments: [] }, escape);
  const contents = written.heredocs.map(({ content, name }) => `\n${content}${name}`);
  return { kind: 'ONBUILD', trigger, triggerText: rest + contents.join('') };
}

function readPaths(rest: string): string[] {
  const paths = some('VOLUME', jsonWords(rest) ?? blankWords(rest)).map(trim);
  if (paths.includes('')) throw new InvalidError('VOLUME specified can not be an empty string');
  return paths;
}

function readShell(rest: string): readonly string[] {
  const words = jsonWords(rest);
  if (rest === '' || words?.length === 0) throw new InvalidError('SHELL requires at least one argument');
  if (!words) throw new InvalidError('SHELL requires the arguments to be in JSON form');
  return words;
}

function single(kind: Kind, rest: string): string {
  if (rest === '') throw new InvalidError(`${kind} requires exactly one argument`);
  return rest;
}

function some(kind: Kind, words: readonly string[]): readonly string[] {
  if (words.length === 0) throw new InvalidError(`${kind} requires at least one argument`);
  return words;
}
