/** `wait`: the exit code, at the moment that the condition names. Register before start: nothing is looked up later. */
import { InvalidError } from '../../lib/errors.ts';
import type { ContainerDependencies } from './dependencies.ts';
import type { ExitResult } from './live.ts';
import { isRunning } from './state.ts';

type Condition = 'not-running' | 'next-exit' | 'removed';

/**
 * @param condition empty for not-running.
 * @returns at once; the promise inside resolves at the end.
 */
export function waitForContainer(
  { containers, live }: Pick<ContainerDependencies, 'containers' | 'live'>,
  name: string,
  condition: string,
): { readonly result: Promise<ExitResult> } {
  const record = containers.resolve(name);
  const wanted = parseCondition(condition);
  if (wanted === 'not-running' && !isRunning(record.state)) {
    return { result: Promise.resolve({ exitCode: record.state.exitCode }) };
  }
  const container = live.of(record);
  return { result: wanted === 'removed' ? container.removed() : container.nextExit() };
}

function parseCondition(text: string): Condition {
  if (text === '') return 'not-running';
  if (text === 'not-running' || text === 'next-exit' || text === 'removed') return text;
  throw new InvalidError(`invalid condition: "${text}"`);
}
