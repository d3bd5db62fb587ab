/**
 * `docker build`: context -> Dockerfile -> plan -> solver -> image-store last, its names in the same transaction.
 * docs/flows/build.md tells it file by file.
 */
import { checkDockerfile } from '../../dockerfile/checks/check.ts';
import { parseIgnore } from '../../dockerfile/ignore.ts';
import type { Dockerfile } from '../../dockerfile/instruction.ts';
import { parseDockerfile } from '../../dockerfile/parse.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { Predicate } from '../../oci/attestation/statement.ts';
import type { Platform } from '../../oci/image/platform.ts';
import { familiarReference, type Reference } from '../../oci/image/reference.ts';
import type { Image } from '../images/image.ts';
import { attest, type BuiltImage } from './attest/attest.ts';
import { BuildSources } from './attest/build-sources.ts';
import { collectBuildCache } from './cache/prune.ts';
import { type BuildContext, openContext } from './context/build-context.ts';
import type { BuildDependencies, BuildRequest } from './dependencies.ts';
import { encodeImage } from './image-document.ts';
import { BuildLayers } from './build-layers.ts';
import { solveWithCaches } from './attempt.ts';
import { LayerRoots } from './layer-roots.ts';
import { NamedContexts } from './named-contexts.ts';
import { beginImports, exportCaches, hasInlineCache } from './remote-cache/remote-cache.ts';
import { inlineField } from './remote-cache/cache-document.ts';
import { inlineCache } from './remote-cache/export-cache.ts';
import { SolvedSteps } from './remote-cache/solved-steps.ts';
import { type BuildPlan, planBuild } from './plan/plan.ts';
import { shareStages } from './plan/share-stages.ts';
import type { BuildReport } from './report/build-report.ts';
import type { SolveContext } from './solver.ts';
import { withLabels } from './state.ts';
import { unusedArguments } from './unused-arguments.ts';

/**
 * @returns an image for each platform; with several they have no name: it would be of one alone.
 * @throws DockerfileError, StepError, and what a context that cannot be read fails with.
 */
export async function buildImage(
  deps: BuildDependencies,
  request: BuildRequest,
  report: BuildReport,
): Promise<readonly Image[]> {
  const { body, remote, signal } = request;
  const [id, started] = [crypto.randomUUID(), new Date()];
  await using layers = new BuildLayers(deps.images, deps.layers);
  using caches = beginImports(deps, request, layers, report);
  const context = await openContext({
    directory: deps.buildDirectory,
    ...(remote !== undefined && { remote }),
    body,
    self: deps.self,
    access: { session: request.session, runDirectory: deps.buildRunDirectory },
    signal,
  });
  using _removal = deps.afterwards.disposing(context, 'a context could not be removed');
  const text = request.session?.dockerfile ?? (await context.dockerfile(request.dockerfile));
  report.dockerfile(text);
  const dockerfile = parseDockerfile(text);
  const ignore = await ignoredBy(context, request.dockerfile);
  checkFile(deps, request, { dockerfile, ignore }, report);
  const plans = planAll(dockerfile, request);
  const [plan] = plans;
  const epoch = epochOf(plan);
  const sources = new BuildSources();
  if (remote !== undefined && context.commit !== undefined) sources.addRepository(remote, '', context.commit);
  using kept = new DisposableStack();
  await using roots = new LayerRoots({ snapshots: deps.snapshots, layers });
  await using contexts = new NamedContexts(deps, request);
  const solving: SolveContext = {
    id,
    deps,
    request,
    report,
    layers,
    roots,
    sources,
    caches: caches.imported,
    solved: new SolvedSteps(),
    tree: ignore ? { ...context.tree, ignore } : context.tree,
    contexts,
    epoch,
    signal,
    kept,
  };
  const solved = await solveWithCaches(plans, solving);
  const unused = unusedArguments(plan);
  if (unused.length > 0) {
    report.warning({ message: `One or more build-args [${unused.join(' ')}] were not consumed` });
  }
  const inline = hasInlineCache(request) ? { [inlineField]: inlineCache(solving.solved, epoch) } : {};
  const names = solved.length > 1 ? [] : request.names;
  const images: Image[] = [];
  for (const [at, each] of solved.entries()) {
    const state = withLabels(each, request.labels);
    const built = { configBytes: encodeImage(state, epoch, inline), layers: state.layers, epoch };
    const facts = { id, request, plan: plans[at] ?? plan, sources, started, version: deps.version };
    const attestations = await attest(deps, facts, built, { roots, report });
    images.push(putImage(deps, names, { ...built, attestations }));
  }
  await exportCaches(solving, plans);
  report.images(images, request.names.map(familiarReference));
  deps.afterwards.do(() => collectBuildCache(deps), 'the build cache could not be collected');
  return images;
}

/** One for each platform. */
function planAll(
  dockerfile: Dockerfile,
  { given, target, contexts, platforms }: BuildRequest,
): readonly [BuildPlan, ...BuildPlan[]] {
  const [first, ...others] = platforms;
  const plan = (platform: Platform | undefined): BuildPlan =>
    planBuild(dockerfile, { given, target, platform, contexts });
  return shareStages([plan(first), ...others.map(plan)]);
}

/** What is doubtful in the file is told, and fails the build where the file wants that. @throws InvalidError */
function checkFile(
  { images }: BuildDependencies,
  { given, target, platforms }: BuildRequest,
  { dockerfile, ignore }: { readonly dockerfile: Dockerfile; readonly ignore: string[] | undefined },
  report: BuildReport,
): void {
  const { warnings, error } = checkDockerfile(dockerfile, {
    buildArguments: Object.fromEntries([...given].map(([name, value]) => [name, value ?? ''])),
    target: target || undefined,
    ignore: ignore && parseIgnore(ignore.join('\n')),
    platform: platforms[0],
    imageConfig: (name) => images.find(name)?.config,
  });
  for (const { rule, message, url, lines } of warnings) {
    report.warning({ rule, message, lines, ...(url !== undefined && { url }) });
  }
  if (error !== undefined) throw new InvalidError(error);
}

interface Result extends BuiltImage {
  readonly attestations: readonly Predicate[] | undefined;
}

function putImage(
  { images, emit }: BuildDependencies,
  names: readonly Reference[],
  { configBytes, layers, attestations }: Result,
): Image {
  const image = images.put({
    configBytes,
    layers,
    references: names,
    attestations,
  });
  for (const name of names) emit('tag', image.id, { name: familiarReference(name) });
  return image;
}

/** A file beside the Dockerfile with its name counts alone. */
async function ignoredBy(context: BuildContext, dockerfile: string): Promise<string[] | undefined> {
  const text = (await context.text(`${dockerfile}.dockerignore`)) ?? (await context.text('.dockerignore'));
  return text?.split('\n');
}

/** SOURCE_DATE_EPOCH, given or by a global ARG. @throws InvalidError */
function epochOf({ given, globals }: BuildPlan): number | undefined {
  const text = given.get('SOURCE_DATE_EPOCH') ?? globals.get('SOURCE_DATE_EPOCH') ?? '';
  if (text === '') return undefined;
  const seconds = /^\d{1,11}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(seconds)) throw new InvalidError(`invalid SOURCE_DATE_EPOCH: ${text}`);
  return seconds;
}
