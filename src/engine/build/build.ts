/**
 * `docker build`: context -> Dockerfile -> plan -> solver -> image-store last, its names in the same transaction.
 * docs/flows/build.md tells it file by file.
 */
import { checkDockerfile } from '../../dockerfile/checks/check.ts';
import { parseIgnore } from '../../dockerfile/ignore.ts';
import type { Dockerfile } from '../../dockerfile/instruction.ts';
import { parseDockerfile } from '../../dockerfile/parse.ts';
import { InvalidError } from '../../lib/errors.ts';
import { hostPlatform } from '../../oci/image/platform.ts';
import type { Predicate } from '../../oci/attestation/statement.ts';
import { familiarReference } from '../../oci/image/reference.ts';
import type { Image } from '../images/image.ts';
import { attest, type BuiltImage } from './attest/attest.ts';
import { BuildSources } from './attest/build-sources.ts';
import { collectBuildCache } from './cache/prune.ts';
import { type BuildContext, openContext } from './context/build-context.ts';
import type { BuildDependencies, BuildRequest } from './dependencies.ts';
import { encodeImage } from './image-document.ts';
import { LayerRoots } from './layer-roots.ts';
import { NamedContexts } from './named-contexts.ts';
import { type BuildPlan, planBuild } from './plan/plan.ts';
import type { BuildReport } from './report/build-report.ts';
import { solve } from './solver.ts';
import { withLabels } from './state.ts';
import { unusedArguments } from './unused-arguments.ts';

/** @throws DockerfileError, StepError, and what a context that cannot be read fails with. */
export async function buildImage(
  deps: BuildDependencies,
  request: BuildRequest,
  report: BuildReport,
): Promise<Image> {
  const { body, remote, signal } = request;
  const [id, started] = [crypto.randomUUID(), new Date()];
  const context = await openContext({
    directory: deps.buildDirectory,
    ...(remote !== undefined && { remote }),
    body,
    self: deps.self,
    signal,
  });
  using _removal = deps.afterwards.disposing(context, 'a context could not be removed');
  const text = await context.dockerfile(request.dockerfile);
  report.dockerfile(text);
  const dockerfile = parseDockerfile(text);
  const platforms = { build: hostPlatform(), target: request.platform ?? hostPlatform() };
  const ignore = await ignoredBy(context, request.dockerfile);
  checkFile(deps, request, { dockerfile, ignore }, report);
  const plan = planBuild(dockerfile, {
    given: request.given,
    target: request.target,
    platforms,
    contexts: request.contexts,
  });
  const epoch = epochOf(plan);
  const sources = new BuildSources();
  if (remote !== undefined && context.commit !== undefined) sources.addRepository(remote, '', context.commit);
  using kept = new DisposableStack();
  await using roots = new LayerRoots(deps);
  await using contexts = new NamedContexts(deps, request);
  const solved = await solve(plan, {
    id,
    deps,
    request,
    report,
    roots,
    sources,
    tree: ignore ? { ...context.tree, ignore } : context.tree,
    contexts,
    platform: request.platform,
    epoch,
    signal,
    kept,
  });
  const unused = unusedArguments(plan);
  if (unused.length > 0) {
    report.warning({ message: `One or more build-args [${unused.join(' ')}] were not consumed` });
  }
  const state = withLabels(solved, request.labels);
  const built = { configBytes: encodeImage(state, epoch), layers: state.layers, epoch };
  const facts = { id, request, plan, sources, started, version: deps.version };
  const attestations = await attest(deps, facts, built, { roots, report });
  const image = putImage(deps, request, { ...built, attestations });
  report.image(image, request.names.map(familiarReference));
  deps.afterwards.do(() => collectBuildCache(deps), 'the build cache could not be collected');
  return image;
}

/** What is doubtful in the file is told, and fails the build where the file wants that. @throws InvalidError */
function checkFile(
  { images }: BuildDependencies,
  { given, target }: BuildRequest,
  { dockerfile, ignore }: { readonly dockerfile: Dockerfile; readonly ignore: string[] | undefined },
  report: BuildReport,
): void {
  const { warnings, error } = checkDockerfile(dockerfile, {
    buildArguments: Object.fromEntries([...given].map(([name, value]) => [name, value ?? ''])),
    target: target || undefined,
    ignore: ignore && parseIgnore(ignore.join('\n')),
    imageConfig: (name) => images.find(name)?.config.config ?? undefined,
  });
  for (const { rule, message, url, lines } of warnings) report.warning({ rule, message, url, lines });
  if (error !== undefined) throw new InvalidError(error);
}

interface Result extends BuiltImage {
  readonly attestations: readonly Predicate[] | undefined;
}

function putImage(
  { images, emit }: BuildDependencies,
  { names }: BuildRequest,
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
