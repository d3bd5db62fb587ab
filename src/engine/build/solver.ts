/**
 * One build: the stages that the target needs are begun at once, each waits for those that it takes from, and its steps
 * come one after the other. The first failure ends all of them.
 */
import { parseTrigger } from '../../dockerfile/parse.ts';
import { expandInstruction } from '../../dockerfile/expand.ts';
import type { Instruction } from '../../dockerfile/instruction.ts';
import type { ProcessConfig } from '../../oci/image/image-config.ts';
import { hostPlatform, type Platform } from '../../oci/image/platform.ts';
import type { ProgressEvent } from '../images/progress-event.ts';
import { LostCacheError } from './build-layers.ts';
import { StepError } from './failure.ts';
import {
  type BuildPlan,
  findStage,
  requireBefore,
  sourceOf,
  type Source,
  type StagePlan,
} from './plan/plan.ts';
import { sourceNames } from './plan/source-names.ts';
import { type Step, StepList } from './plan/steps.ts';
import type { BuildReport } from './report/build-report.ts';
import { type StageState, stateOfBase, stateOfStage } from './state.ts';
import { BaseImages } from './steps/base-step.ts';
import { argumentStep, configStep } from './steps/config-step.ts';
import { contextStep } from './steps/context-step.ts';
import { fileStep } from './steps/file-step.ts';
import { runStep } from './steps/run-step.ts';
import type { SourceFiles, StepContext, StepOutput } from './steps/step-context.ts';
import { workdirStep } from './steps/workdir-step.ts';

/** What the steps of a build share before it is known which they are. */
export type SolveContext = Omit<StepContext, 'plan' | 'sourceFiles'>;

/**
 * @param plans one for each platform, as `shareStages` gives them.
 * @returns what the target has come to in each. @throws StepError where a step fails.
 */
export async function solve(
  plans: readonly BuildPlan[],
  context: SolveContext,
): Promise<readonly StageState[]> {
  const steps = new StepList(plans);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const work = { steps, stop, images: new BaseImages(), stages: new Map<StagePlan, Promise<StageState>>() };
  const solvers = plans.map((plan) => new Solver(plan, { ...context, signal }, work));
  context.report.steps(steps.all(), plans[0]?.dockerfile.globals ?? []);
  const begun = solvers.flatMap((solver) => solver.begin());
  await Promise.allSettled(begun);
  stop.signal.throwIfAborted();
  return await Promise.all(solvers.map((solver) => solver.result));
}

/** What the platforms of a build have together. */
interface Work {
  readonly steps: StepList;
  /** Aborted by the first failure, with it. */
  readonly stop: AbortController;
  readonly images: BaseImages;
  readonly stages: Map<StagePlan, Promise<StageState>>;
}

class Solver {
  readonly #plan: BuildPlan;
  readonly #context: StepContext;
  readonly #report: BuildReport;
  readonly #steps: StepList;
  readonly #work: Work;

  constructor(plan: BuildPlan, context: SolveContext, work: Work) {
    this.#plan = plan;
    this.#report = context.report;
    this.#steps = work.steps;
    this.#work = work;
    this.#context = { ...context, plan, sourceFiles: (step, from) => this.#sourceFiles(step, from) };
  }

  begin(): Promise<StageState>[] {
    return this.#plan.needed.map((stage) => this.#stage(stage));
  }

  get result(): Promise<StageState> {
    return this.#stage(this.#plan.target);
  }

  #stage(stage: StagePlan): Promise<StageState> {
    const { stages, stop } = this.#work;
    const known = stages.get(stage);
    if (known) return known;
    const solving = this.#solveStage(stage).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
    solving.catch(() => undefined);
    stages.set(stage, solving);
    return solving;
  }

  async #solveStage(stage: StagePlan): Promise<StageState> {
    const [from] = this.#steps.of(stage);
    if (!from) throw new TypeError('a stage begins with FROM');
    await this.#othersOf(from);
    let { state } = await this.#tell(from, () => this.#base(stage, from));
    for (const step of this.#steps.of(stage).slice(1)) {
      const before = state;
      await this.#othersOf(step);
      ({ state } = await this.#tell(step, () => this.#perform(step, before)));
    }
    return state;
  }

  /** Waits for the stages that a step takes from: it has not begun before. What is wrong with a name, the step says. */
  async #othersOf({ stage, instruction }: Step): Promise<void> {
    const { base } = stage;
    if (instruction.kind === 'FROM' && base.kind === 'stage') await this.#stage(base.stage);
    for (const from of sourceNames(instruction)) {
      const other = findStage(this.#plan.stages, from);
      if (other && other.index < stage.index) await this.#stage(other);
    }
  }

  #tellSteps(): void {
    this.#report.steps(this.#steps.all(), this.#plan.dockerfile.globals);
  }

  async #base(stage: StagePlan, step: Step): Promise<StepOutput> {
    const { base } = stage;
    if (base.kind === 'stage') {
      const before = await this.#stage(base.stage);
      this.#addTriggers(stage, step, before.config);
      return { state: stateOfStage(before), isCached: true };
    }
    const platform = stage.platform ?? this.#plan.platform;
    const state = await this.#stateOf(step, base, platform, (event) => this.#report.progress(step, event));
    this.#addTriggers(stage, step, state.base?.config.config ?? {});
    return { state, isCached: true };
  }

  /** ONBUILD of what a stage stands on comes right behind its FROM. */
  #addTriggers(stage: StagePlan, from: Step, { OnBuild: triggers }: ProcessConfig): void {
    if (!triggers?.length) return;
    this.#steps.addTriggers(
      stage,
      triggers.map((trigger) => parseTrigger(trigger, from.lines)),
    );
    this.#tellSteps();
  }

  async #perform(step: Step, state: StageState): Promise<StepOutput> {
    const { instruction } = step;
    if (instruction.kind === 'ARG') {
      return { state: argumentStep(state, instruction, this.#plan), isCached: true };
    }
    const expanded = this.#expand(instruction, state);
    switch (expanded.kind) {
      case 'RUN':
        return await runStep(this.#context, { step, instruction: expanded, state });
      case 'COPY':
      case 'ADD':
        return await fileStep(this.#context, { step, instruction: expanded, state });
      case 'WORKDIR':
        return await workdirStep(this.#context, { step, instruction: expanded, state });
      default:
        return { state: configStep(state, expanded), isCached: true };
    }
  }

  #expand(instruction: Instruction, { environment }: StageState): Instruction {
    return expandInstruction(instruction, (name) => environment.get(name), this.#plan.escape);
  }

  async #sourceFiles(step: Step, from: string): Promise<SourceFiles> {
    const { contexts, roots, signal } = this.#context;
    const { platform } = this.#plan;
    const source = sourceOf(this.#plan, from);
    requireBefore(source, step.stage, step.instruction, from);
    if (source.kind === 'context') {
      const opened = await contexts.open(source.name, platform);
      if (opened.kind === 'files') return { tree: async () => opened.tree };
    }
    const { layers } = await (source.kind === 'stage'
      ? this.#stage(source.stage)
      : this.#stateOf(step, source, platform, () => undefined));
    return { layers, tree: async () => ({ root: await roots.of(layers, signal), keepsOwner: true }) };
  }

  async #stateOf(
    step: Step,
    source: Exclude<Source, { kind: 'stage' }>,
    platform: Platform | undefined,
    report: (event: ProgressEvent) => void,
  ): Promise<StageState> {
    const known = platform ?? hostPlatform();
    if (source.kind === 'scratch') return stateOfBase(undefined, known);
    if (source.kind === 'context') return await contextStep(this.#context, step, source.name, known);
    const image = await this.#work.images.find(this.#context, source.name, platform, report);
    this.#context.sources.addImage(source.name, image);
    return stateOfBase(image, known);
  }

  async #tell(step: Step, perform: () => Promise<StepOutput>): Promise<StepOutput> {
    const { signal } = this.#context;
    this.#report.started(step);
    try {
      signal.throwIfAborted();
      const output = await perform();
      this.#report.done(step, output);
      return output;
    } catch (error) {
      // What a cache promised in vain is done again: attempt.ts.
      this.#report.failed(step, error, signal.aborted || error instanceof LostCacheError);
      // The failure of a stage that this one waits for is told where it happened.
      throw error instanceof StepError ? error : new StepError(step, error);
    }
  }
}
