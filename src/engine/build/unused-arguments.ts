/** `--build-arg` for which no ARG asks. Pure. */
import { type BuildPlan } from './plan/plan.ts';
import { isBuilderName, isProxyName, platformArguments } from '../../dockerfile/predefined.ts';
import { hostPlatform } from '../../oci/image/platform.ts';

/** Sorted. Every stage's ARGs count, whether the target needs the stage or not. */
export function unusedArguments({ given, stages, dockerfile }: BuildPlan): string[] {
  const declared = new Set(
    [...dockerfile.globals, ...stages.flatMap(({ instructions }) => instructions)].flatMap((instruction) =>
      instruction.kind === 'ARG' ? instruction.arguments.map(({ name }) => name) : [],
    ),
  );
  const host = hostPlatform();
  const ofPlatform = platformArguments({ build: host, target: host }, '');
  return [...given.keys()]
    .filter(
      (name) => !declared.has(name) && !isProxyName(name) && !isBuilderName(name) && !ofPlatform.has(name),
    )
    .toSorted();
}
