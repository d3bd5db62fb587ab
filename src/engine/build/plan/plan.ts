/**
 * A Dockerfile as a graph: which stages the target needs, on what each stands and from where it copies. Pure: images are
 * names still, and what their ONBUILD triggers add is found when they are known (`sourceOf`).
 */
import { DockerfileError } from '../../../dockerfile/error.ts';
import { expandWord } from '../../../dockerfile/expand.ts';
import type { Dockerfile, Escape, From, Instruction, Stage } from '../../../dockerfile/instruction.ts';
import { withSuggestion } from '../../../dockerfile/suggest.ts';
import { messageOf } from '../../../lib/errors.ts';
import { hostPlatform, parsePlatform, type Platform } from '../../../oci/image/platform.ts';
import { globalArguments } from '../../../dockerfile/global-arguments.ts';
import type { GivenArguments } from '../../../dockerfile/predefined.ts';
import { type ContextsByName, findContext } from './named-context.ts';
import { sourceNames } from './source-names.ts';

/** What a FROM or a `from` means. */
export type Source =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: StagePlan }
  /** As written in the Dockerfile. */
  | { readonly kind: 'image'; readonly name: string }
  /** One of `contexts`, that is no image of a registry. */
  | { readonly kind: 'context'; readonly name: string };

export interface StagePlan {
  /** Counted from 0. */
  readonly index: number;
  /** For messages: the name, or `stage-2`; empty where there is only one stage. */
  readonly label: string;
  readonly name: string | undefined;
  readonly from: From;
  readonly base: Source;
  /** Of `--platform`. */
  readonly platform: Platform | undefined;
  readonly instructions: readonly Instruction[];
}

export interface BuildPlan {
  readonly stages: readonly StagePlan[];
  /** Those that the target needs, itself as the last of them; in the file's order. */
  readonly needed: readonly StagePlan[];
  readonly target: StagePlan;
  readonly globals: ReadonlyMap<string, string>;
  readonly given: GivenArguments;
  /** What is built for; undefined: nobody has said. */
  readonly platform: Platform | undefined;
  readonly contexts: ContextsByName;
  readonly escape: Escape;
  readonly dockerfile: Dockerfile;
}

export interface PlanRequest {
  readonly given: GivenArguments;
  /** What to build for; undefined: this machine, but any base that is here will do. */
  readonly platform: Platform | undefined;
  /** A stage's name or number; empty for the last one. */
  readonly target: string;
  readonly contexts: ContextsByName;
}

/** @throws DockerfileError in BuildKit's words for cycles, references ahead, and stages that are not there. */
export function planBuild(
  dockerfile: Dockerfile,
  { given, platform, target, contexts }: PlanRequest,
): BuildPlan {
  const targetName = target || (dockerfile.stages.at(-1)?.name ?? '');
  const platforms = { build: hostPlatform(), target: platform ?? hostPlatform() };
  const globals = globalArguments(dockerfile, given, platforms, targetName);
  const stages: StagePlan[] = [];
  for (const stage of dockerfile.stages) {
    stages.push(planStage(stage, { before: stages, globals, dockerfile, contexts }));
  }
  const goal = target === '' ? stages.at(-1) : findStage(stages, target);
  if (!goal) {
    const message = `target stage ${JSON.stringify(target)} could not be found`;
    const names = stages.map(({ label }) => label);
    throw new DockerfileError(withSuggestion(message, target, names));
  }
  const scope = { stages, contexts };
  const dependencies = new Map(stages.map((stage) => [stage, dependenciesOf(scope, stage)]));
  refuseCycles(stages, dependencies);
  const needed = reachable(goal, dependencies);
  for (const stage of needed) refuseReferencesAhead(scope, stage);
  return {
    stages,
    needed: stages.filter((stage) => needed.has(stage)),
    target: goal,
    globals,
    given,
    platform,
    contexts,
    escape: dockerfile.escape,
    dockerfile,
  };
}

/** What names in a Dockerfile may mean, besides images. */
type Scope = Pick<BuildPlan, 'stages' | 'contexts'>;

/**
 * What `from` means in a stage.
 * @throws DockerfileError for a number that no stage has.
 */
export function sourceOf({ stages, contexts }: Scope, from: string): Source {
  const stage = findStage(stages, from);
  if (stage) return { kind: 'stage', stage };
  if (/^\d+$/.test(from)) throw new DockerfileError(`invalid stage index ${from}`);
  return outside(contexts, from);
}

/** What is no stage: nothing, a named context, or else an image. */
function outside(contexts: ContextsByName, name: string): Source {
  if (name === 'scratch') return { kind: 'scratch' };
  const key = findContext(contexts, name);
  return key === undefined ? { kind: 'image', name } : contextSource(contexts, key);
}

function contextSource(contexts: ContextsByName, key: string): Source {
  const context = contexts.get(key);
  if (context?.kind !== 'image') return { kind: 'context', name: key };
  return context.name === 'scratch' ? { kind: 'scratch' } : context;
}

interface StageScope {
  readonly before: readonly StagePlan[];
  readonly globals: ReadonlyMap<string, string>;
  readonly dockerfile: Dockerfile;
  readonly contexts: ContextsByName;
}

function planStage(
  { from, name, instructions }: Stage,
  { before, globals, dockerfile: { escape, stages }, contexts }: StageScope,
): StagePlan {
  const lookup = (variable: string): string | undefined => globals.get(variable);
  const image = expandWord(from.image, lookup, escape);
  if (image === '') throw new DockerfileError(`base name (${from.image}) should not be blank`, from.lines);
  const index = before.length;
  const key = name === undefined ? undefined : findContext(contexts, name);
  return {
    index,
    label: name ?? (stages.length === 1 ? '' : `stage-${index}`),
    name,
    from,
    base: key === undefined ? baseOf(before, image, contexts) : contextSource(contexts, key),
    platform: from.platform === undefined ? undefined : platformOf(from, lookup, escape),
    // A context of the stage's name stands for all that the stage would have come to.
    instructions: key === undefined ? instructions : [],
  };
}

/** A stage by name only: a number would be an image's. The last one of that name counts. */
function baseOf(before: readonly StagePlan[], image: string, contexts: ContextsByName): Source {
  const stage = before.findLast(({ name }) => name === image.toLowerCase());
  return stage ? { kind: 'stage', stage } : outside(contexts, image);
}

function platformOf(
  { platform = '', lines }: From,
  lookup: (name: string) => string | undefined,
  escape: Escape,
): Platform {
  const text = expandWord(platform, lookup, escape);
  if (text === '') throw new DockerfileError(`empty platform value from expression ${platform}`, lines);
  try {
    return parsePlatform(text);
  } catch (cause) {
    throw new DockerfileError(`failed to parse platform ${text}: ${messageOf(cause)}`, lines, { cause });
  }
}

/** By name or number. */
export function findStage(stages: readonly StagePlan[], text: string): StagePlan | undefined {
  const named = stages.findLast(({ name }) => name === text.toLowerCase());
  return named ?? (/^\d+$/.test(text) ? stages[Number(text)] : undefined);
}

function dependenciesOf(scope: Scope, stage: StagePlan): readonly StagePlan[] {
  const sources = stage.instructions.flatMap((instruction) =>
    within(instruction, () => sourceNames(instruction).map((from) => sourceOf(scope, from))),
  );
  return [stage.base, ...sources].flatMap((source) => (source.kind === 'stage' ? [source.stage] : []));
}

/** What is wrong with it is wrong on its lines. */
function within<T>({ lines }: Instruction, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new DockerfileError(messageOf(cause), lines, { cause });
  }
}

function refuseCycles(
  stages: readonly StagePlan[],
  dependencies: ReadonlyMap<StagePlan, readonly StagePlan[]>,
): void {
  const seen = new Set<StagePlan>();
  const path = new Set<StagePlan>();
  const visit = (stage: StagePlan): boolean => {
    if (path.has(stage)) return true;
    if (seen.has(stage)) return false;
    seen.add(stage);
    path.add(stage);
    if ((dependencies.get(stage) ?? []).some(visit)) return true;
    path.delete(stage);
    return false;
  };
  for (const stage of stages) {
    if (!visit(stage)) continue;
    throw new DockerfileError(
      `circular dependency detected on stage: ${stage.name ?? `stage-${stage.index}`}`,
      stage.from.lines,
    );
  }
}

function reachable(
  goal: StagePlan,
  dependencies: ReadonlyMap<StagePlan, readonly StagePlan[]>,
): ReadonlySet<StagePlan> {
  const found = new Set<StagePlan>();
  const add = (stage: StagePlan): void => {
    if (found.has(stage)) return;
    found.add(stage);
    dependencies.get(stage)?.forEach(add);
  };
  add(goal);
  return found;
}

function refuseReferencesAhead(scope: Scope, stage: StagePlan): void {
  for (const instruction of stage.instructions) {
    for (const from of sourceNames(instruction)) {
      requireBefore(sourceOf(scope, from), stage, instruction, from);
    }
  }
}

/** A stage can only take from those above it. @throws DockerfileError */
export function requireBefore(
  source: Source,
  stage: StagePlan,
  instruction: Instruction,
  from: string,
): void {
  if (source.kind !== 'stage' || source.stage.index < stage.index) return;
  const what = JSON.stringify(from);
  const message =
    instruction.kind === 'RUN'
      ? `cannot mount from stage ${what}, stage needs to be defined before current command`
      : `cannot copy from stage ${what}, it needs to be defined before current stage ${JSON.stringify(stage.label)}`;
  throw new DockerfileError(message, instruction.lines);
}
