/** The caches of one build that are not this engine's: begun with it, kept and sent at its end. */
import type { CacheTarget } from '../../../engine-api/cache-options.ts';
import { messageOf } from '../../../lib/errors.ts';
import { familiarReference } from '../../../oci/image/reference.ts';
import type { BuildLayers } from '../build-layers.ts';
import type { BuildDependencies, BuildRequest } from '../dependencies.ts';
import type { BuildPlan } from '../plan/plan.ts';
import type { BuildReport } from '../report/build-report.ts';
import type { SolveContext } from '../solver.ts';
import { ClientDirectory } from './client-directory.ts';
import { type CacheSink, exportTo, heldLayers } from './export-cache.ts';
import { DirectorySink } from './directory-sink.ts';
import { cacheImport, cacheReference } from './import-cache.ts';
import { ImportedCaches } from './imported-caches.ts';
import { RegistrySink } from './registry-sink.ts';

interface BegunImports extends Disposable {
  readonly imported: ImportedCaches;
}

/**
 * Disposing keeps what was used as this engine's own and ends what is still being fetched.
 * @throws InvalidError for a name that is no reference, before anything is done.
 */
export function beginImports(
  deps: BuildDependencies,
  request: BuildRequest,
  layers: BuildLayers,
  report: BuildReport,
): BegunImports {
  for (const target of request.cacheTo) checkTarget(request, target);
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  const { credentialsFor, noCache, session } = request;
  const imports = (noCache ? [] : request.cacheFrom).map((origin) =>
    cacheImport(origin, { images: deps.images, hosts: deps.hosts, credentialsFor, session, signal }),
  );
  const imported = new ImportedCaches(layers, imports, report, signal);
  return {
    imported,
    [Symbol.dispose]: () => {
      stop.abort(new DOMException('the build has ended', 'AbortError'));
      imported.keep(deps.buildCache, (chain) =>
        chain.map((layer) => ({ ...layer, size: deps.snapshots.layerSize(layer.chainId) })),
      );
    },
  };
}

/** @throws where a cache cannot be sent and that was not said to be of no importance. The image is there all the same. */
export async function exportCaches(context: SolveContext, plans: readonly BuildPlan[]): Promise<void> {
  for (const target of context.request.cacheTo) {
    if (target.type !== 'inline') await exportCache(context, plans, target);
  }
}

function checkTarget({ session, signal }: BuildRequest, target: CacheTarget): void {
  if (target.type === 'registry') cacheReference(target.ref);
  if (target.type === 'local') void new ClientDirectory(session, target.dest, signal);
}

async function exportCache(
  context: SolveContext,
  plans: readonly BuildPlan[],
  target: Exclude<CacheTarget, { type: 'inline' }>,
): Promise<void> {
  const { report, signal, solved } = context;
  const { title, name, sink } = placeOf(context, target);
  const task = report.task(title);
  const held = heldLayers(solved, target.mode === 'min' ? plans.map((plan) => plan.target) : undefined);
  try {
    await exportTo(context, sink, held, task);
    task.done();
  } catch (error) {
    task.failed(error, signal.aborted);
    if (signal.aborted || !target.ignoresErrors) throw error;
    report.warning({ message: `the cache was not exported to ${name}: ${messageOf(error)}` });
  }
}

interface CachePlace {
  /** In BuildKit's words. */
  readonly title: string;
  readonly name: string;
  readonly sink: CacheSink;
}

function placeOf(context: SolveContext, target: Exclude<CacheTarget, { type: 'inline' }>): CachePlace {
  const { compression } = target;
  if (target.type === 'local') {
    const directory = new ClientDirectory(context.request.session, target.dest, context.signal);
    const sink = new DirectorySink(context, { directory, tag: target.tag, compression });
    return { title: 'exporting cache to client directory', name: target.dest, sink };
  }
  const reference = cacheReference(target.ref);
  const sink = new RegistrySink(context, reference, compression);
  return { title: 'exporting cache to registry', name: familiarReference(reference), sink };
}

/** `--cache-to type=inline`, and BuildKit's argument for it, which the classic API can say. */
export function hasInlineCache({ cacheTo, given }: BuildRequest): boolean {
  return cacheTo.some(({ type }) => type === 'inline') || isTrue(given.get('BUILDKIT_INLINE_CACHE') ?? '');
}

/** As Go's ParseBool. */
function isTrue(text: string): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}
