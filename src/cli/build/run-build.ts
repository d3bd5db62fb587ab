/** One build from the flags to the exit code: source, session, request, display, outputs. docs/flows/build.md */
import { attestationsOfFiles } from '../../engine-api/attestations.ts';
import type { Query } from '../../engine-api/client.ts';
import { CaisError, messageOf, UnavailableError } from '../../lib/errors.ts';
import type { CliContext } from '../context.ts';
import { ExitError } from '../exit-code.ts';
import { MemoryOutput, type Output } from '../output.ts';
import type { BuildFlags } from './build-flags.ts';
import { attestations, buildQuery, platforms as platformsOf } from './build-query.ts';
import { readCaches } from './caches.ts';
import { formatFailure, formatSuccess, formatWarnings, painter } from './closing.ts';
import { chooseMode, openDisplay, type ProgressMode } from './display.ts';
import { isForSeveral } from './image-set.ts';
import { BuildModel, type BuiltImage, keptLines } from './model.ts';
import { type BuildOutput, readOutputs } from './outputs.ts';
import { contextQuery, type NamedContext, readNamedContexts } from './named-contexts.ts';
import { registryConfig } from './registry-config.ts';
import { sendBuild } from './send-build.ts';
import { openSession } from './session.ts';
import { type BuildSource, openSource } from './source.ts';
import type { Written } from './write-outputs.ts';

/** @returns the exit code: 1 for a build that failed, as buildx's, whatever its command ended with. */
export async function runBuild(context: CliContext, flags: BuildFlags, place: string): Promise<number> {
  try {
    const source = await openSource(context, place, flags.file);
    if (flags.check || flags.call !== 'build') {
      const { callBuild } = await import('./call-build.ts');
      return await callBuild(context, flags, source);
    }
    return await build(context, flags, source);
  } catch (error) {
    if (!(error instanceof CaisError) || error instanceof ExitError) throw error;
    throw new ExitError(1, `ERROR: failed to build: ${messageOf(error)}`, { cause: error });
  }
}

async function build(context: CliContext, flags: BuildFlags, source: BuildSource): Promise<number> {
  const { out, err, config } = context;
  const mode = chooseMode(flags.progress, flags.quiet, err);
  const isTold = mode === 'tty' || mode === 'plain';
  const platforms = platformsOf(flags.platform, config);
  const outputs = await readOutputs({ ...flags, platforms }, out);
  const annotations = flags.annotation.flat();
  const caches = await readCaches(flags);
  const query = { ...buildQuery(flags, config), ...caches.query };
  for (const text of caches.warnings) await warn(err, text);
  const model = new BuildModel();
  const contexts = await readNamedContexts(flags['build-context']);
  const { directories } = caches;
  await followBuild(context, flags, { query, source, contexts, directories, model, mode });
  const paint = painter(err.isTerminal && !config.isColourless);
  const { failure, image } = model;
  if (failure) {
    // Plain lines have shown the output already.
    const lines = mode === 'plain' ? 10 : keptLines;
    const options = { file: source.shownName, lines, paint };
    if (mode !== 'json') await err.write(formatFailure(model, failure, options));
    if (failure.container !== undefined) {
      const { debugFailure } = await import('./debug-shell.ts');
      await debugFailure(context, failure.container);
    }
    return 1;
  }
  if (!image) throw new UnavailableError('the engine ended the build without a result');
  const progress = isTold ? err : new MemoryOutput();
  const attested = attestationsOfFiles(attestations(flags, config));
  const pushed = await write(context, { outputs, image, annotations, attestations: attested, progress });
  await tellPrograms(context, flags, image, pushed);
  if (annotations.length > 0 && !outputs.some(takesAnnotations)) await warn(err, unannotated);
  if (outputs.some(keepsForm)) await warn(err, formless);
  if (isTold) await err.write(formatWarnings(model.warnings, source.shownName, paint));
  if (flags.quiet) await out.write(`${isForSeveral(image) ? (pushed ?? image.id) : image.id}\n`);
  const isKept = outputs.every(({ type }) => type === 'image');
  const isPushed = outputs.some((each) => each.type === 'image' && each.isPushed);
  if (isTold && isKept) await err.write(formatSuccess(image, paint, isPushed));
  return 0;
}

/** Nothing is to be written of one image that stays in the engine: then nothing is loaded for it. */
async function write(context: CliContext, written: Written): Promise<string | undefined> {
  if (written.outputs.length === 0 && !isForSeveral(written.image)) return undefined;
  const { writeOutputs } = await import('./write-outputs.ts');
  return await writeOutputs(context, written);
}

const unannotated =
  'annotations are of manifests: they go out with --push and --output type=oci, the engine has none';

const formless =
  'compression is of layers that leave the engine: with --push and --output type=oci or docker,dest=FILE; the engine keeps its own';

function keepsForm(output: BuildOutput): boolean {
  return output.type === 'image' && !output.isPushed && output.form.compression !== undefined;
}

function takesAnnotations(output: BuildOutput): boolean {
  return output.type === 'oci' || (output.type === 'image' && output.isPushed);
}

async function warn(err: Output, text: string): Promise<void> {
  await err.write(`WARNING: ${text}\n`);
}

interface Followed {
  readonly query: Query;
  readonly source: BuildSource;
  readonly contexts: readonly NamedContext[];
  /** Of caches. */
  readonly directories: readonly string[];
  readonly model: BuildModel;
  readonly mode: ProgressMode;
}

/** Sends the build and shows it to its end. Ctrl-C ends it, here and in the engine. */
async function followBuild(
  context: CliContext,
  flags: BuildFlags,
  { query, source, contexts, directories, model, mode }: Followed,
): Promise<void> {
  const { engine, err, config } = context;
  const { secret: secrets, ssh } = flags;
  const dockerfile = source.kind === 'remote' ? source.text : undefined;
  await using session = await openSession(context, { secrets, ssh, contexts, directories, dockerfile });
  const isColoured = !config.isColourless;
  await using display = openDisplay(model, { mode, err, isColoured });
  using interrupt = onInterrupt();
  const { signal } = interrupt;
  const headers = await registryConfig(context);
  try {
    await sendBuild(
      engine,
      { query: { ...query, ...contextQuery(contexts), session: session.id }, source, headers, signal },
      async (event) => {
        model.apply(event, Date.now());
        await display.show(event);
      },
    );
    if (session.failure !== undefined) throw session.failure;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ExitError(interrupted, 'ERROR: failed to build: failed to solve: Canceled: context canceled');
  } finally {
    await display.end();
  }
}

/** As a shell reports what Ctrl-C has ended. */
const interrupted = 130;

function onInterrupt(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => void process.off('SIGINT', abort).off('SIGTERM', abort),
  };
}

/** @param pushed the digest of what was pushed; of several platforms no image is what was built. */
async function tellPrograms(
  context: CliContext,
  flags: BuildFlags,
  image: BuiltImage,
  pushed: string | undefined,
): Promise<void> {
  if (flags.iidfile !== undefined) {
    const { writeForPrograms } = await import('./metadata.ts');
    await writeForPrograms(flags.iidfile, isForSeveral(image) ? (pushed ?? '') : image.id);
  }
  const path = flags['metadata-file'];
  if (path === undefined) return;
  const { writeMetadata } = await import('./metadata.ts');
  await writeMetadata(context, path, image, pushed);
}
