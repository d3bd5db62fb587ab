/**
 * `build --check`: what is doubtful in a Dockerfile, by the rules of build checks. Pure: what an image defines is known
 * where the caller says it.
 * https://docs.docker.com/reference/build-checks/
 */
import { InvalidError } from '../../lib/errors.ts';
import type { ImageConfig } from '../../oci/image/image-config.ts';
import { hostPlatform, type Platform } from '../../oci/image/platform.ts';
import { DockerfileError, onLines } from '../error.ts';
import { globalArguments } from '../global-arguments.ts';
import type { IgnoreRules } from '../ignore.ts';
import type { Dockerfile, Stage } from '../instruction.ts';
import { mountSource } from '../mount.ts';
import { withSuggestion } from '../suggest.ts';
import { parseTrigger } from '../parse.ts';
import { checkBasePlatform, checkDefaults, checkFrom } from './check-from.ts';
import { parseCheckOptions } from './check-options.ts';
import { checkStage, type StageChecks, type StageState, stateOf } from './check-stage.ts';
import { Reporter, type Warning } from './reporter.ts';
import { checkSpelling } from './spelling.ts';

export interface CheckRequest {
  /** BUILDKIT_DOCKERFILE_CHECK among them takes the place of the `# check=` directive. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** Only this stage and those that it needs; without it all. */
  readonly target?: string | undefined;
  readonly ignore?: IgnoreRules | undefined;
  /** The build's; undefined: a base that is here is taken whatever it is for. */
  readonly platform?: Platform | undefined;
  /** A base image; undefined where it is not known. */
  readonly imageConfig?: (name: string) => BaseImage | undefined;
}

type BaseImage = Pick<ImageConfig, 'os' | 'architecture' | 'variant' | 'config'>;

export interface CheckResult {
  readonly warnings: readonly Warning[];
  /** Why the build fails, where `error=true` is set and something was found. */
  readonly error?: string;
}

/** @throws DockerfileError for what would fail a build, too. */
export function checkDockerfile(file: Dockerfile, request: CheckRequest = {}): CheckResult {
  const buildArguments = new Map(Object.entries(request.buildArguments ?? {}));
  const options = parseCheckOptions(buildArguments.get('BUILDKIT_DOCKERFILE_CHECK') ?? file.check);
  const reporter = new Reporter(options);
  checkSpelling(file, reporter);
  checkStages(file, request, buildArguments, reporter);
  const warnings = reporter.warnings();
  if (!options.isError || warnings.length === 0) return { warnings };
  const names = new Set(warnings.map(({ rule }) => rule));
  return { warnings, error: `lint violation found for rules: ${[...names].join(', ')}` };
}

function checkStages(
  file: Dockerfile,
  request: CheckRequest,
  buildArguments: ReadonlyMap<string, string>,
  reporter: Reporter,
): void {
  const { stages, escape } = file;
  const target = request.target ?? stages.at(-1)?.name ?? '';
  const platforms = { build: hostPlatform(), target: hostPlatform() };
  checkDefaults(file, globalArguments(file, new Map(), platforms, target), reporter);
  const globals = globalArguments(file, buildArguments, platforms, target);
  const bases = stages.map((stage) =>
    onLines(stage.from.lines, () => checkFrom(stage, file, globals, reporter)),
  );
  const checks: StageChecks = { escape, globals, buildArguments, ignore: request.ignore, reporter };
  const wanted = request.target === undefined ? undefined : needed(stages, bases, request.target);
  const ends = new Map<string, { readonly state: StageState; readonly triggers: readonly string[] }>();
  for (const [at, stage] of stages.entries()) {
    const base = bases[at] ?? '';
    if (wanted && !wanted.has(at)) continue;
    const start = ends.get(base.toLowerCase()) ?? startOf(base, stage, request, reporter);
    const triggers = start.triggers.map((text) => parseTrigger(text, stage.from.lines));
    const instructions = [...triggers, ...stage.instructions];
    const state = checkStage({ ...stage, instructions }, start.state, checks);
    if (stage.name !== undefined) ends.set(stage.name, { state, triggers: triggersIn(stage) });
  }
}

function triggersIn({ instructions }: Stage): string[] {
  return instructions.flatMap((instruction) =>
    instruction.kind === 'ONBUILD' ? [instruction.triggerText] : [],
  );
}

/** On an image. */
function startOf(
  base: string,
  stage: Stage,
  request: CheckRequest,
  reporter: Reporter,
): { readonly state: StageState; readonly triggers: readonly string[] } {
  if (base === 'scratch') return { state: stateOf({}), triggers: [] };
  const image = imageOf(base, stage, request);
  const isAny = request.platform === undefined && stage.from.platform === undefined;
  if (image && isAny) checkBasePlatform(stage.from, base, image, reporter);
  return { state: stateOf(image && (image.config ?? {})), triggers: image?.config?.OnBuild ?? [] };
}

/** Undefined where nobody has looked at the image. @throws DockerfileError for a name that no image has. */
function imageOf(base: string, { from }: Stage, { imageConfig }: CheckRequest): BaseImage | undefined {
  try {
    return imageConfig?.(base);
  } catch (cause) {
    if (!(cause instanceof InvalidError)) throw cause;
    const message = `failed to parse stage name ${JSON.stringify(base)}: ${cause.message}`;
    throw new DockerfileError(message, from.lines, { cause });
  }
}

/** The indices of the stages that a target is made of. @throws InvalidError for a target that is none. */
function needed(stages: readonly Stage[], bases: readonly string[], target: string): ReadonlySet<number> {
  const names = stages.map(({ name }) => name);
  const start = indexOf(names, target, stages.length);
  if (start === undefined) {
    const known = names.filter((name) => name !== undefined);
    const message = `target stage ${JSON.stringify(target)} could not be found`;
    throw new InvalidError(withSuggestion(message, target, known));
  }
  const found = new Set<number>();
  const waiting = [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    const base = indexOf(names, bases[at] ?? '', at);
    if (base !== undefined) waiting.push(base);
    for (const source of sourcesOf(stages[at])) {
      const index =
        indexOf(names, source, stages.length) ?? (/^\d+$/.test(source) ? Number(source) : undefined);
      if (index !== undefined && index < stages.length) waiting.push(index);
    }
  }
  return found;
}

/** The last stage of that name before `end`. */
function indexOf(names: readonly (string | undefined)[], name: string, end: number): number | undefined {
  const index = names.slice(0, end).lastIndexOf(name.toLowerCase());
  return index === -1 ? undefined : index;
}

function sourcesOf(stage: Stage | undefined): string[] {
  return (stage?.instructions ?? []).flatMap((instruction) => {
    if (instruction.kind === 'COPY') return instruction.from ?? [];
    // A mount names its stage; numbers are for COPY.
    if (instruction.kind === 'RUN') {
      return instruction.mounts.flatMap((mount) => mountSource(mount)?.replace(/^\d+$/, '') ?? []);
    }
    return [];
  });
}
