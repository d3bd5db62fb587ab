/**
 * What the plans of one Dockerfile for several platforms have in common: a stage that is bound to one platform
 * (`FROM --platform=$BUILDPLATFORM`) and asks for nothing of the target is one stage, done once. Pure.
 */
import { formatPlatform } from '../../../oci/image/platform.ts';
import { type BuildPlan, sourceOf, type Source, type StagePlan } from './plan.ts';
import { sourceNames } from './source-names.ts';

type Plans = readonly [BuildPlan, ...BuildPlan[]];

/** @param plans of the same Dockerfile. @returns them, with one object for what is the same stage. */
export function shareStages([first, ...others]: Plans): Plans {
  return [first, ...others.map((plan) => sharing(first, plan))];
}

function sharing(first: BuildPlan, plan: BuildPlan): BuildPlan {
  const replaced = new Map<StagePlan, StagePlan>();
  const now = (stage: StagePlan): StagePlan => replaced.get(stage) ?? stage;
  const stages: StagePlan[] = [];
  for (const [index, stage] of plan.stages.entries()) {
    const { base } = stage;
    const moved =
      base.kind === 'stage' ? { ...stage, base: { kind: 'stage', stage: now(base.stage) } as const } : stage;
    const other = first.stages[index];
    const isOne = other !== undefined && isSame({ first, plan, stages }, other, moved);
    replaced.set(stage, isOne ? other : moved);
    stages.push(now(stage));
  }
  return { ...plan, stages, needed: plan.needed.map(now), target: now(plan.target) };
}

interface Compared {
  readonly first: BuildPlan;
  readonly plan: BuildPlan;
  /** Of the second plan, those above: what is shared is the first one's object. */
  readonly stages: readonly StagePlan[];
}

function isSame({ first, plan, stages }: Compared, one: StagePlan, other: StagePlan): boolean {
  if (!one.platform || !other.platform) return false;
  if (formatPlatform(one.platform) !== formatPlatform(other.platform)) return false;
  if (!isSameSource(one.base, other.base)) return false;
  return other.instructions.every((instruction) => {
    if (instruction.kind === 'ARG') {
      return instruction.arguments.every(({ name }) => first.globals.get(name) === plan.globals.get(name));
    }
    // An image is of the target's platform.
    return sourceNames(instruction).every((from) => {
      const source = sourceOf({ stages, contexts: plan.contexts }, from);
      return source.kind === 'context' || (source.kind === 'stage' && first.stages.includes(source.stage));
    });
  });
}

function isSameSource(one: Source, other: Source): boolean {
  if (one.kind === 'stage') return other.kind === 'stage' && one.stage === other.stage;
  return JSON.stringify(one) === JSON.stringify(other);
}
