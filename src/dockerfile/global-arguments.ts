/** The ARGs before the first FROM: what FROM reads, and what an ARG of a stage without a value takes up. */
import { onLines } from './error.ts';
import { expandWord } from './expand.ts';
import type { Dockerfile } from './instruction.ts';
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
  for (const { lines, arguments: names } of globals) {
    for (const { name, value } of names) {
      const expand = () => value && expandWord(value, (other) => values.get(other), escape);
      const set = given.get(name) ?? onLines(lines, expand);
      if (set !== undefined) values.set(name, set);
    }
  }
  return values;
}
