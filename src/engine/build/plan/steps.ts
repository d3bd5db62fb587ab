/** What is to be done, as it is told: every instruction of the stages that are needed, in the file's order. Pure. */
import { formatPlatform, hostPlatform } from '../../../oci/image/platform.ts';
import type { Instruction, Lines } from '../../../dockerfile/instruction.ts';
import type { BuildPlan, StagePlan } from './plan.ts';

export interface Step {
  readonly id: number;
  readonly stage: StagePlan;
  readonly instruction: Instruction;
  readonly lines: Lines;
  /** An ONBUILD trigger of the base. */
  readonly isTrigger: boolean;
  /** `[builder 2/5] RUN make`; undefined for what only changes the configuration: it takes no time. */
  readonly name: string | undefined;
}

interface PlannedStage {
  readonly stage: StagePlan;
  /** What the names of its steps begin with: `linux/arm64 builder `. */
  readonly prefix: string;
  steps: readonly Step[];
}

/** Stages by their FROM, each with its steps; one that several plans share is there once. */
export class StepList {
  readonly #stages: readonly PlannedStage[];
  #count = 0;

  constructor(plans: readonly BuildPlan[]) {
    const stages = new Map<StagePlan, PlannedStage>();
    for (const plan of plans) {
      for (const stage of plan.needed.filter((each) => !stages.has(each))) {
        const steps = [stage.from, ...stage.instructions].map((each) => this.#step(stage, each, false));
        stages.set(stage, { stage, prefix: prefixOf(stage, plan, plans.length > 1), steps });
      }
    }
    this.#stages = [...stages.values()];
    for (const { stage } of this.#stages) this.#nameAll(stage);
  }

  all(): readonly Step[] {
    return this.#stages.flatMap(({ steps }) => steps);
  }

  of(stage: StagePlan): readonly Step[] {
    return this.#stages.find((planned) => planned.stage === stage)?.steps ?? [];
  }

  /** Puts the triggers of a stage's base behind its FROM. */
  addTriggers(stage: StagePlan, triggers: readonly Instruction[]): void {
    const planned = this.#stages.find((other) => other.stage === stage);
    if (!planned) return;
    const [from, ...rest] = planned.steps;
    const added = triggers.map((trigger) => this.#step(stage, trigger, true));
    planned.steps = [...(from ? [from] : []), ...added, ...rest];
    this.#nameAll(stage);
  }

  #step(stage: StagePlan, instruction: Instruction, isTrigger: boolean): Step {
    this.#count += 1;
    const id = this.#count;
    return { id, stage, instruction, lines: instruction.lines, isTrigger, name: undefined };
  }

  #nameAll(stage: StagePlan): void {
    const planned = this.#stages.find((other) => other.stage === stage);
    if (!planned) return;
    const total = planned.steps.filter(isTold).length;
    const width = String(total).length;
    let number = 0;
    planned.steps = planned.steps.map((step) => {
      if (!isTold(step)) return step;
      number += 1;
      const trigger = step.isTrigger ? 'ONBUILD ' : '';
      const name = `[${planned.prefix}${String(number).padStart(width)}/${total}] ${trigger}${textOf(step.instruction)}`;
      return { ...step, name };
    });
  }
}

/** With the platform, where there are several: that of the stage, and of the target where it is another. */
function prefixOf({ label, platform }: StagePlan, plan: BuildPlan, isForSeveral: boolean): string {
  const name = label === '' ? '' : `${label} `;
  if (!isForSeveral) return name;
  const target = formatPlatform(plan.platform ?? hostPlatform());
  const own = platform ? formatPlatform(platform) : target;
  return `${own}${own === target ? '' : `->${target.replace(/^linux\//, '')}`} ${name}`;
}

/** True for what takes time: files that are fetched, made or copied. */
function isTold({ instruction: { kind }, stage }: Step): boolean {
  if (kind === 'FROM') return stage.base.kind === 'image' || stage.base.kind === 'context';
  return kind === 'RUN' || kind === 'COPY' || kind === 'ADD' || kind === 'WORKDIR';
}

/** With the beginning of a script that stands below. */
function textOf({ text, heredocs }: Instruction): string {
  const [first = '', ...rest] = heredocs.length === 1 ? (heredocs[0]?.content.trim().split('\n') ?? []) : [];
  return first === '' ? text : `${text} (${first}${rest.length > 0 ? '...' : ''})`;
}
