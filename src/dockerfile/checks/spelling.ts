/** What can be seen without values: casing, names of stages, comments, lines. */
import type { Dockerfile, From, Instruction } from '../instruction.ts';
import type { Reporter } from './reporter.ts';

export function checkSpelling(file: Dockerfile, reporter: Reporter): void {
  const { globals, stages, emptyContinuations } = file;
  for (const line of emptyContinuations) {
    reporter.reportLine('NoEmptyContinuation', line, 'Empty continuation line');
  }
  const inStages = stages.flatMap(({ from, instructions }) => [from, ...instructions]);
  for (const instruction of [...globals, ...inStages]) {
    if (instruction.kind === 'FROM') checkFromAs(instruction, reporter);
    if (instruction.kind === 'MAINTAINER') {
      const message = 'Maintainer instruction is deprecated in favor of using label';
      reporter.report('MaintainerDeprecated', instruction, message);
    }
    checkDescription(instruction, reporter);
  }
  checkStageNames(file, reporter);
  checkCasing(inStages, reporter);
}

function checkFromAs(from: From, reporter: Reporter): void {
  const { name, as, keyword } = from;
  if (name === undefined || as === undefined) return;
  if (name !== name.toLowerCase()) {
    reporter.report('StageNameCasing', from, `Stage name '${name}' should be lowercase`);
  }
  const sameCase = isLower(keyword) ? isLower(as) : !isUpper(keyword) || isUpper(as);
  if (!sameCase) {
    reporter.report('FromAsCasing', from, `'${as}' and '${keyword}' keywords' casing do not match`);
  }
}

/** A comment above a stage or an argument describes it: `# name what it is`. */
function checkDescription(instruction: Instruction, reporter: Reporter): void {
  const names = definedBy(instruction);
  const [first] = names;
  const [word] = instruction.comments.at(-1)?.split(' ') ?? [];
  if (first === undefined || word === undefined || names.includes(word)) return;
  const example = names.length > 1 ? '<arg_key>' : first;
  const message = `Comment for ${instruction.kind} should follow the format: \`# ${example} <description>\``;
  reporter.report('InvalidDefinitionDescription', instruction, message);
}

function definedBy(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'ARG') return instruction.arguments.map(({ name }) => name);
  if (instruction.kind === 'FROM' && instruction.name !== undefined) return [instruction.name.toLowerCase()];
  return [];
}

function checkStageNames({ stages }: Dockerfile, reporter: Reporter): void {
  const seen = new Set<string>();
  for (const { name, from } of stages) {
    if (name === undefined) continue;
    const quoted = JSON.stringify(name);
    if (name === 'scratch' || name === 'context') {
      const message = `Stage name should not use the same name as reserved stage ${quoted}`;
      reporter.report('ReservedStageName', from, message);
    }
    if (seen.has(name)) {
      const message = `Duplicate stage name ${quoted}, stage names should be unique`;
      reporter.report('DuplicateStageName', from, message);
    }
    seen.add(name);
  }
}

/** The majority is right; upper case where both are as many. */
function checkCasing(instructions: readonly Instruction[], reporter: Reporter): void {
  const lower = instructions.filter(({ keyword }) => isLower(keyword)).length;
  const upper = instructions.filter(({ keyword }) => isUpper(keyword)).length;
  const isRight = lower > upper ? isLower : isUpper;
  const right = lower > upper ? 'lowercase' : 'uppercase';
  for (const instruction of instructions.filter(({ keyword }) => !isRight(keyword))) {
    const message = `Command '${instruction.keyword}' should match the case of the command majority (${right})`;
    reporter.report('ConsistentInstructionCasing', instruction, message);
  }
}

function isLower(word: string): boolean {
  return word === word.toLowerCase();
}

function isUpper(word: string): boolean {
  return word === word.toUpperCase();
}
