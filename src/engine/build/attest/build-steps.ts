/** `mode=max`: the instructions of a build, what each stands on, and the Dockerfile that they are of. Pure. */
import { findStage } from '../plan/plan.ts';
import type { BuildPlan, StagePlan } from '../plan/plan.ts';
import { sourceNames } from '../plan/source-names.ts';
import { type Step, StepList } from '../plan/steps.ts';

export interface BuildStep {
  readonly id: string;
  readonly stage: string;
  /** As written, on one line. */
  readonly instruction: string;
  /** Steps whose files it has or takes. */
  readonly inputs: readonly string[];
  readonly lines: { readonly first: number; readonly last: number };
}

export function buildSteps(plan: BuildPlan): BuildStep[] {
  const list = new StepList([plan]);
  const steps = list.all();
  const idOf = (step: Step | undefined): string[] => (step ? [`step${steps.indexOf(step)}`] : []);
  const endOf = (stage: StagePlan | undefined): string[] => (stage ? idOf(list.of(stage).at(-1)) : []);
  return steps.map((step, index) => {
    const { stage, instruction, lines } = step;
    const { base } = stage;
    const before = list.of(stage)[list.of(stage).indexOf(step) - 1];
    const below = before ? idOf(before) : endOf(base.kind === 'stage' ? base.stage : undefined);
    const taken = sourceNames(instruction).flatMap((from) => endOf(findStage(plan.stages, from)));
    return {
      id: `step${index}`,
      stage: stage.label,
      instruction: instruction.text,
      inputs: [...new Set([...below, ...taken])],
      lines: { first: lines.first, last: lines.last },
    };
  });
}

/** In BuildKit's shape: the file, and where in it each step is written. */
export function sourceOfSteps(filename: string, { dockerfile }: BuildPlan, steps: readonly BuildStep[]) {
  const data = Buffer.from(dockerfile.source.join('\n')).toString('base64');
  const locations = steps.map(({ id, lines: { first, last } }) => [
    id,
    { locations: [{ ranges: [{ start: { line: first }, end: { line: last } }] }] },
  ]);
  return {
    locations: Object.fromEntries(locations) as Readonly<Record<string, object>>,
    infos: [{ filename, language: 'Dockerfile', data }],
  };
}
