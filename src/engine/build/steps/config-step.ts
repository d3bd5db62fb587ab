/** The instructions that change no files: a new configuration, and a line in the history. They cost nothing. */
import { applyInstruction } from '../../../dockerfile/apply.ts';
import { expandWord } from '../../../dockerfile/expand.ts';
import type { Arg, Argument, Instruction } from '../../../dockerfile/instruction.ts';
import type { BuildPlan } from '../plan/plan.ts';
import { configWords, historyEntry } from '../history.ts';
import type { StageState } from '../state.ts';

/** @param instruction variables replaced. */
export function configStep(state: StageState, instruction: Instruction): StageState {
  const config = applyInstruction(state.config, instruction, state.hasCommand);
  const words = configWords(instruction, config);
  return {
    ...state,
    config,
    ...(instruction.kind === 'MAINTAINER' && { author: instruction.name }),
    ...(instruction.kind === 'CMD' && { hasCommand: true }),
    ...(instruction.kind === 'ENV' && { environment: new Map([...state.environment, ...instruction.pairs]) }),
    history:
      words === undefined ? state.history : [...state.history, historyEntry(words, { hasLayer: false })],
  };
}

type Arguments = Pick<BuildPlan, 'given' | 'globals' | 'escape'>;

/**
 * ARG: what the caller gave, else the default, else what a global ARG of that name has.
 * @param instruction as written: a default that the caller's value replaces is not even read.
 */
export function argumentStep(state: StageState, instruction: Arg, plan: Arguments): StageState {
  const words: string[] = [];
  let next = state;
  for (const argument of instruction.arguments) {
    const value = valueOf(argument, next, plan);
    const { name } = argument;
    next = {
      ...next,
      declared: new Map([...next.declared, [name, value]]),
      ...(value !== undefined && { environment: new Map([...next.environment, [name, value]]) }),
    };
    words.push(value === undefined ? name : `${name}=${value}`);
  }
  const entry = historyEntry(`ARG ${words.join(' ')}`, { hasLayer: false });
  return { ...next, history: [...next.history, entry] };
}

function valueOf(
  { name, value }: Argument,
  { environment }: StageState,
  { given, globals, escape }: Arguments,
): string | undefined {
  const chosen = given.get(name);
  if (chosen !== undefined) return chosen;
  if (value === undefined) return globals.get(name);
  return expandWord(value, (variable) => environment.get(variable), escape);
}
