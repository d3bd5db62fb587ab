/** The ARGs before the first FROM: what FROM reads, and what an ARG of a stage without a value takes up. */
import { expandWord } from '../../../dockerfile/expand.ts';
import type { Dockerfile } from '../../../dockerfile/instruction.ts';
import { type GivenArguments, type PlatformsOfBuild, platformArguments } from './predefined.ts';

/** @throws DockerfileError where a default value cannot be read. */
export function globalArguments(
  { globals, escape }: Dockerfile,
  given: GivenArguments,
  platforms: PlatformsOfBuild,
  targetStage: string,
): ReadonlyMap<string, string> {
  const values = platformArguments(platforms, targetStage);
  for (const name of values.keys()) {
    const value = given.get(name);
    if (value !== undefined) values.set(name, value);
  }
  for (const { name, value } of globals.flatMap((global) => global.arguments)) {
    const set = given.get(name) ?? (value && expandWord(value, (other) => values.get(other), escape));
    if (set !== undefined) values.set(name, set);
  }
  return values;
}
