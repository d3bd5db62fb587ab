/**
 * A Dockerfile's text becomes its stages. The whole of the current stable syntax; what a Dockerfile may say is in
 * instruction.ts. docs/decisions/0014 says why the parser is our own.
 * https://docs.docker.com/reference/dockerfile/
 */
import { InvalidError } from '../lib/errors.ts';
import { type Directives, readDirectives } from './directives.ts';
import { DockerfileError } from './error.ts';
import type { Arg, Dockerfile, Instruction, Lines, Stage } from './instruction.ts';
import { type LogicalLine, logicalLines } from './logical-lines.ts';
import { readInstruction } from './read-instruction.ts';
import { trimEnd } from './words.ts';

/** Bounds of what is read, in bytes: of the file (its heredocs are in it), of one line as BuildKit's. */
const maxFile = 2 * 1024 * 1024;
const maxLine = 65_535;
/** More than any image has layers, and few enough that nothing done for each of them takes long. */
const maxInstructions = 2000;
/** Of ENV, LABEL and ARG together. */
const maxNames = 10_000;

/** @throws DockerfileError in BuildKit's words. */
export function parseDockerfile(text: string): Dockerfile {
  // The byte order mark of UTF-16, read as UTF-8, is two characters that do not exist.
  if (/^\uFFFD\uFFFD(?:.\0|\0)/.test(text)) {
    throw new DockerfileError('the file is UTF-16 text: save it as UTF-8', { first: 1, last: 1 });
  }
  const source = sourceLines(text);
  const directives = readDirectives(source);
  const globals: Arg[] = [];
  const stages: { from: Stage['from']; name?: string; instructions: Instruction[] }[] = [];
  const emptyContinuations: number[] = [];
  let count = 0;
  let names = 0;
  for (const line of logicalLines(source, directives.lines, directives.escape)) {
    if (++count > maxInstructions) {
      throw new DockerfileError(`more than ${maxInstructions} instructions`, line.lines);
    }
    if (line.emptyContinuation !== undefined) emptyContinuations.push(line.emptyContinuation);
    const instruction = read(line, directives, `dockerfile parse error on line ${line.lines.first}: `);
    names += namesIn(instruction);
    if (names > maxNames) throw new DockerfileError(`more than ${maxNames} variables and labels`, line.lines);
    const stage = stages.at(-1);
    if (instruction.kind === 'FROM') {
      const name = instruction.name?.toLowerCase();
      stages.push({ from: instruction, ...(name !== undefined && { name }), instructions: [] });
    } else if (stage) stage.instructions.push(instruction);
    else if (instruction.kind === 'ARG') globals.push(instruction);
    else throw new DockerfileError('no build stage in current context', instruction.lines);
  }
  if (count === 0) throw new DockerfileError('file with no instructions');
  if (stages.length === 0) throw new DockerfileError('dockerfile contains no stages to build');
  const { escape, syntax, check } = directives;
  return {
    escape,
    ...(syntax !== undefined && { syntax }),
    ...(check !== undefined && { check }),
    globals,
    stages,
    emptyContinuations,
    source: source.map((line) => trimEnd(line, '\r')),
  };
}

function namesIn(instruction: Instruction): number {
  if ('pairs' in instruction) return instruction.pairs.length;
  return instruction.kind === 'ARG' ? instruction.arguments.length : 0;
}

/**
 * Instructions outside of a Dockerfile: `commit --change`, the ONBUILD triggers of an image.
 * @throws DockerfileError with lines of `text`
 */
export function parseInstructions(text: string): Instruction[] {
  const source = sourceLines(text);
  const directives = readDirectives(source);
  return Array.from(logicalLines(source, directives.lines, directives.escape), (line) =>
    read(line, directives),
  );
}

/**
 * An image's ONBUILD trigger; its lines are those of the FROM that takes the image up.
 * @throws DockerfileError
 */
export function parseTrigger(text: string, lines: Lines): Instruction {
  try {
    const [trigger, ...more] = parseInstructions(text);
    if (!trigger || more.length > 0) throw new InvalidError('onbuild trigger should be a single expression');
    return { ...trigger, lines };
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new DockerfileError(error.message, lines, { cause: error });
  }
}

function read(line: LogicalLine, { escape }: Directives, prefix = ''): Instruction {
  try {
    return readInstruction(line, escape);
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new DockerfileError(prefix + error.message, line.lines, { cause: error });
  }
}

function sourceLines(text: string): string[] {
  if (Buffer.byteLength(text) > maxFile) {
    throw new DockerfileError(`dockerfile greater than max allowed size of ${maxFile}`);
  }
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  const long = lines.findIndex((line) => Buffer.byteLength(line) > maxLine);
  if (long !== -1) {
    const here = { first: long + 1, last: long + 1 };
    throw new DockerfileError(`dockerfile line greater than max allowed size of ${maxLine}`, here);
  }
  return lines;
}
