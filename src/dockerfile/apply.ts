/**
 * What an instruction does to an image's configuration: in a build, and in `commit --change`. Pure.
 * https://github.com/opencontainers/image-spec/blob/main/config.md
 */
import { posix } from 'node:path';
import { InvalidError } from '../lib/errors.ts';
import type { ProcessConfig } from '../oci/image/image-config.ts';
import { parseSignal } from '../oci/runtime/signals.ts';
import { onLines } from './error.ts';
import type { Command, Healthcheck, Instruction, Pair } from './instruction.ts';
import { portNames, readPorts } from './ports.ts';

/** Bounds of an image's variables, and of its labels: more could not be run, and each step copies them. */
const most = 10_000;
export const maxCharacters = 4 * 1024 * 1024;

/**
 * The configuration after one expanded instruction; the same one where it changes none: FROM, RUN, COPY, ADD, ARG, and
 * MAINTAINER, which sets the image's author.
 * `commandSet`: whether this stage has had a CMD; without one, ENTRYPOINT drops the base image's.
 * @throws DockerfileError with the instruction's lines
 */
export function applyInstruction(
  config: ProcessConfig,
  instruction: Instruction,
  commandSet = false,
): ProcessConfig {
  return onLines(instruction.lines, () => apply(config, instruction, commandSet));
}

function apply(config: ProcessConfig, instruction: Instruction, commandSet: boolean): ProcessConfig {
  switch (instruction.kind) {
    case 'CMD':
      return { ...config, Cmd: commandWords(config, instruction.command) };
    case 'ENTRYPOINT':
      return {
        ...config,
        Entrypoint: commandWords(config, instruction.command),
        ...(config.Cmd && !commandSet && { Cmd: null }),
      };
    case 'ENV':
      return { ...config, Env: withVariables(config.Env ?? [], instruction.pairs) };
    case 'LABEL':
      return { ...config, Labels: withLabels(config.Labels ?? {}, instruction.pairs) };
    case 'EXPOSE': {
      const names = instruction.ports.flatMap((port) => portNames(readPorts(port)));
      return { ...config, ExposedPorts: { ...config.ExposedPorts, ...keys(names) } };
    }
    case 'VOLUME':
      if (instruction.paths.includes('')) {
        throw new InvalidError('VOLUME specified can not be an empty string');
      }
      return { ...config, Volumes: bounded({ ...config.Volumes, ...keys(instruction.paths) }) };
    case 'USER':
      return { ...config, User: instruction.user };
    case 'WORKDIR':
      return { ...config, WorkingDir: posix.resolve('/', config.WorkingDir ?? '', instruction.path) };
    case 'SHELL':
      return { ...config, Shell: [...instruction.words] };
    case 'STOPSIGNAL':
      parseSignal(instruction.signal);
      return { ...config, StopSignal: instruction.signal };
    case 'HEALTHCHECK':
      return { ...config, Healthcheck: healthcheck(instruction) };
    case 'ONBUILD':
      return { ...config, OnBuild: [...(config.OnBuild ?? []), instruction.triggerText] };
    default:
      return config;
  }
}

/** The JSON form as it is, the other through the shell. */
function commandWords(config: ProcessConfig, command: Command): string[] {
  if (command.form === 'exec') return [...command.words];
  return command.text === '' ? [] : [...shellOf(config), command.text];
}

/** What runs the commands that are not in the JSON form. */
export function shellOf({ Shell }: ProcessConfig): readonly string[] {
  return Shell?.length ? Shell : ['/bin/sh', '-c'];
}

/** A variable keeps its place when it is set again. */
function withVariables(environment: readonly string[], pairs: readonly Pair[]): string[] {
  const variables = new Map(environment.map((variable) => [variable.split('=', 1)[0] ?? '', variable]));
  for (const [name, value] of pairs) variables.set(name, `${name}=${value}`);
  if (variables.size > most) throw new InvalidError(`more than ${most} variables`);
  const result = [...variables.values()];
  if (result.reduce((sum, { length }) => sum + length, 0) > maxCharacters) {
    throw new InvalidError(`variables longer than ${maxCharacters} characters`);
  }
  return result;
}

function withLabels(
  labels: Readonly<Record<string, string>>,
  pairs: readonly Pair[],
): Record<string, string> {
  const result = bounded({ ...labels, ...Object.fromEntries(pairs) });
  if (Object.values(result).reduce((sum, { length }) => sum + length, 0) > maxCharacters) {
    throw new InvalidError(`labels longer than ${maxCharacters} characters`);
  }
  return result;
}

function bounded<T extends object>(entries: T): T {
  if (Object.keys(entries).length > most) throw new InvalidError(`more than ${most} labels or volumes`);
  return entries;
}

function keys(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function healthcheck(instruction: Healthcheck): NonNullable<ProcessConfig['Healthcheck']> {
  const { command, interval, timeout, startPeriod, startInterval, retries } = instruction;
  if (!command) return { Test: ['NONE'] };
  return {
    Test: command.form === 'exec' ? ['CMD', ...command.words] : ['CMD-SHELL', command.text],
    ...(interval && { Interval: interval }),
    ...(timeout && { Timeout: timeout }),
    ...(startPeriod && { StartPeriod: startPeriod }),
    ...(startInterval && { StartInterval: startInterval }),
    ...(retries && { Retries: retries }),
  };
}
