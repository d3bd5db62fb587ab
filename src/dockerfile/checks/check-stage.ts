/** The instructions of one stage in their order, with the variables that each of them sees. */
import { posix } from 'node:path';
import type { ProcessConfig } from '../../oci/image/image-config.ts';
import { maxCharacters } from '../apply.ts';
import { DockerfileError, onLines } from '../error.ts';
import { expandInstruction } from '../expand.ts';
import type { IgnoreRules } from '../ignore.ts';
import type { Add, Arg, Copy, Escape, Expose, Instruction, Stage } from '../instruction.ts';
import { readMount } from '../mount.ts';
import { readPorts } from '../ports.ts';
import { nearest } from '../suggest.ts';
import type { Reporter } from './reporter.ts';
import { RecordingLookup } from './variables.ts';

/** What a stage begins with: the end of another stage, or an image. */
export interface StageState {
  readonly variables: Map<string, string>;
  /** Names of its ARGs, with a value or without. */
  readonly declared: Set<string>;
  /** False where the base's variables are not known, which may be any. */
  readonly knowsVariables: boolean;
  /** How many more characters the variables may hold. */
  left: number;
  hasShell: boolean;
  /** An absolute WORKDIR was asked for, or a relative one has been told of. */
  hasWorkdir: boolean;
}

export interface StageChecks {
  readonly escape: Escape;
  readonly globals: ReadonlyMap<string, string>;
  readonly buildArguments: ReadonlyMap<string, string>;
  readonly ignore: IgnoreRules | undefined;
  readonly reporter: Reporter;
}

/** `image`: undefined where nobody has looked at it. */
export function stateOf(image: ProcessConfig | undefined): StageState {
  const pairs = image?.Env?.map((variable) => variable.split(/=(.*)/s)) ?? [];
  const variables = new Map(pairs.map(([name = '', value = '']) => [name, value]));
  // Always set, by the builder where not by the image.
  if (!variables.has('PATH'))
    variables.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  return {
    variables,
    declared: new Set(),
    knowsVariables: image !== undefined,
    left: maxCharacters,
    hasShell: (image?.Shell?.length ?? 0) > 0,
    hasWorkdir: false,
  };
}

function copyState(state: StageState): StageState {
  return { ...state, variables: new Map(state.variables), declared: new Set(state.declared) };
}

/** @returns the state at the end. @throws DockerfileError, as a build would. */
export function checkStage({ instructions }: Stage, start: StageState, checks: StageChecks): StageState {
  const state = copyState(start);
  const last = new Map<Instruction['kind'], Instruction>();
  for (const instruction of instructions) {
    checkUsedOnce(instruction, last, checks.reporter);
    onLines(instruction.lines, () => checkInstruction(instruction, state, checks));
  }
  return state;
}

function checkInstruction(instruction: Instruction, state: StageState, checks: StageChecks): void {
  const { reporter } = checks;
  switch (instruction.kind) {
    case 'ARG':
      defineArguments(instruction, state, checks);
      break;
    case 'ENV':
    case 'LABEL': {
      if (instruction.legacy) {
        const { keyword } = instruction;
        const message = `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`;
        reporter.report('LegacyKeyValueFormat', instruction, message);
      }
      const { pairs } = expanded(instruction, state, checks);
      if (instruction.kind === 'LABEL') break;
      for (const [name, value] of pairs) {
        checkSecret(instruction, name, reporter);
        setVariable(instruction, state, name, value);
      }
      break;
    }
    case 'RUN':
      for (const mount of instruction.mounts) {
        const lookup = new RecordingLookup(state.variables);
        readMount(mount, lookup.get, checks.escape);
        reportUndefined(instruction, lookup.unmatched, state, reporter);
      }
      break;
    case 'COPY':
    case 'ADD':
      checkSources(expanded(instruction, state, checks), checks);
      break;
    case 'CMD':
    case 'ENTRYPOINT':
      if (instruction.command.form === 'shell' && !state.hasShell) {
        const message = `JSON arguments recommended for ${instruction.keyword} to prevent unintended behavior related to OS signals`;
        reporter.report('JSONArgsRecommended', instruction, message);
      }
      break;
    case 'SHELL':
      state.hasShell = true;
      break;
    case 'WORKDIR': {
      const { path } = expanded(instruction, state, checks);
      const mayBeAbsolute = instruction.path.startsWith('$') && !state.knowsVariables;
      if (!state.hasWorkdir && !mayBeAbsolute && !path.startsWith('/')) {
        const message = `Relative workdir ${JSON.stringify(path)} can have unexpected results if the base image changes`;
        reporter.report('WorkdirRelativePath', instruction, message);
      }
      state.hasWorkdir = true;
      break;
    }
    case 'EXPOSE':
      checkPorts(
        expandInstruction(instruction, (name) => state.variables.get(name), checks.escape),
        reporter,
      );
      break;
    default:
      expanded(instruction, state, checks);
  }
}

/**
 * The instruction with its variables replaced; those that are not set are told of. As written where that fails for one
 * that an image which nobody has looked at may set.
 */
function expanded<T extends Instruction>(instruction: T, state: StageState, checks: StageChecks): T {
  const lookup = new RecordingLookup(state.variables);
  try {
    return expandInstruction(instruction, lookup.get, checks.escape);
  } catch (error) {
    const mayBeSet = !state.knowsVariables && lookup.unmatched.size > 0;
    if (!mayBeSet || !(error instanceof DockerfileError)) throw error;
    return instruction;
  } finally {
    reportUndefined(instruction, lookup.unmatched, state, checks.reporter);
  }
}

/** ARGs of the builder that are no variables. */
const notVariables = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

function reportUndefined(
  instruction: Instruction,
  unmatched: ReadonlySet<string>,
  { variables, declared, knowsVariables }: StageState,
  reporter: Reporter,
): void {
  for (const name of unmatched.difference(declared).difference(notVariables)) {
    const match = nearest(name, variables.keys());
    // An image that nobody has looked at may define it, unless it looks like a slip of the pen.
    if (!knowsVariables && match === undefined) continue;
    const suggestion = match === undefined ? '' : ` (did you mean $${match}?)`;
    const message = `Usage of undefined variable '$${name}'${suggestion}`;
    reporter.report('UndefinedVar', instruction, message);
  }
}

function defineArguments(arg: Arg, state: StageState, checks: StageChecks): void {
  for (const { name, value } of arg.arguments) {
    checkSecret(arg, name, checks.reporter);
    const given = checks.buildArguments.get(name);
    const lookup = new RecordingLookup(state.variables);
    const own = value === undefined || given !== undefined ? undefined : lookup.expand(value, checks.escape);
    reportUndefined(arg, lookup.unmatched, state, checks.reporter);
    const result = given ?? own ?? checks.globals.get(name);
    state.declared.add(name);
    if (result !== undefined && !notVariables.has(name)) setVariable(arg, state, name, result);
  }
}

function setVariable({ lines }: Instruction, state: StageState, name: string, value: string): void {
  state.left -= name.length + value.length;
  if (state.left < 0) throw new DockerfileError(`variables longer than ${maxCharacters} characters`, lines);
  state.variables.set(name, value);
}

const secret = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const noSecret = /(?:_|^)(?:public|file|version)(?:_|$)/i;

function checkSecret(instruction: Instruction, name: string, reporter: Reporter): void {
  if (!secret.test(name) || noSecret.test(name)) return;
  const message = `Do not use ARG or ENV instructions for sensitive data (${instruction.kind} ${JSON.stringify(name)})`;
  reporter.report('SecretsUsedInArgOrEnv', instruction, message);
}

/** Only the last one counts, so it is the one before that is told of. */
function checkUsedOnce(
  instruction: Instruction,
  last: Map<Instruction['kind'], Instruction>,
  reporter: Reporter,
): void {
  const { kind, keyword } = instruction;
  if (kind !== 'CMD' && kind !== 'ENTRYPOINT' && kind !== 'HEALTHCHECK') return;
  const before = last.get(kind);
  last.set(kind, instruction);
  if (!before) return;
  const message = `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`;
  reporter.report('MultipleInstructionsDisallowed', instruction, message, before.lines);
}

function checkPorts(expose: Expose, reporter: Reporter): void {
  for (const port of expose.ports) {
    const { protocol, hasHost } = readPorts(port);
    if (protocol !== protocol.toLowerCase()) {
      const message = `Defined protocol '${port}' in EXPOSE instruction should be lowercase`;
      reporter.report('ExposeProtoCasing', expose, message);
    }
    if (hasHost) {
      const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
      reporter.report('ExposeInvalidFormat', expose, message);
    }
  }
}

/** Where a line of .dockerignore takes something back in, nothing can be said without the files. */
function checkSources(instruction: Copy | Add, { ignore, reporter }: StageChecks): void {
  if (!ignore || ignore.hasExceptions) return;
  if (instruction.kind === 'COPY' && instruction.from !== undefined) return;
  for (const source of instruction.sources) {
    if (/^(?:https?|git|ssh):\/\/|^git@/.test(source)) continue;
    const path = posix.join('/', source).slice(1).replace(/\/$/, '');
    // The context itself is not ignored, but all that is in it may be: any name stands for that.
    if (!ignore.ignores(path === '' ? 'any' : path)) continue;
    const verb = instruction.kind === 'ADD' ? 'Add' : 'Copy';
    const message = `Attempting to ${verb} file ${JSON.stringify(path || '.')} that is excluded by .dockerignore`;
    reporter.report('CopyIgnoredFile', instruction, message);
  }
}
