/** What the steps of one build share. */
import type { Instruction } from '../../../dockerfile/instruction.ts';
import type { ImageLayer } from '../../images/image.ts';
import type { BuildSources } from '../attest/build-sources.ts';
import type { BuildLayers } from '../build-layers.ts';
import type { BuildDependencies, BuildRequest } from '../dependencies.ts';
import type { SourceTree } from '../files/file-source.ts';
import type { LayerRoots, openRoot } from '../layer-roots.ts';
import type { NamedContexts } from '../named-contexts.ts';
import type { BuildPlan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { ImportedCaches } from '../remote-cache/imported-caches.ts';
import type { SolvedSteps } from '../remote-cache/solved-steps.ts';
import type { BuildReport } from '../report/build-report.ts';
import type { StageState } from '../state.ts';

export interface StepContext {
  /** Names this build among those under way. */
  readonly id: string;
  readonly deps: BuildDependencies;
  readonly request: BuildRequest;
  readonly plan: BuildPlan;
  readonly report: BuildReport;
  readonly layers: BuildLayers;
  readonly roots: LayerRoots;
  /** Where steps note what they take from outside. */
  readonly sources: BuildSources;
  /** What `--cache-from` names. */
  readonly caches: ImportedCaches;
  /** Where steps note what they have come to. */
  readonly solved: SolvedSteps;
  /** The context's files. */
  readonly tree: SourceTree;
  /** SOURCE_DATE_EPOCH, in seconds. */
  readonly epoch: number | undefined;
  /** Aborted when the build fails or the client goes. */
  readonly signal: AbortSignal;
  /** Ends with the build: what its steps came to is kept until then. */
  readonly kept: DisposableStack;
  /** `--build-context` */
  readonly contexts: NamedContexts;
  /** The files of what a `from` of this step names, built or pulled. */
  readonly sourceFiles: (step: Step, from: string) => Promise<SourceFiles>;
}

export interface SourceFiles {
  /** Mounted when this is first asked. */
  readonly tree: () => Promise<SourceTree>;
  /** Whose they are; undefined: a context's. */
  readonly layers?: readonly ImageLayer[];
}

/** One step of a stage. */
export interface StepInput<Kind extends Instruction = Instruction> {
  readonly step: Step;
  /** Variables replaced. */
  readonly instruction: Kind;
  /** What the steps before have come to. */
  readonly state: StageState;
}

export interface StepOutput {
  readonly state: StageState;
  readonly isCached: boolean;
}

/** For openRoot: roots on layers that may not be here yet. */
export function rootsOf({ deps: { snapshots }, layers }: StepContext): Parameters<typeof openRoot>[0] {
  return { snapshots, layers };
}
