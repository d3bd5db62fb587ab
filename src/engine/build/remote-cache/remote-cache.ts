/** The caches of one build that are not this engine's: begun with it, kept and sent at its end. */
import type { CacheTarget } from '../../../engine-api/cache-options.ts';
import { messageOf, UnsupportedError } from '../../../lib/errors.ts';
import { familiarReference } from '../../../oci/image/reference.ts';
import type { BuildLayers } from '../build-layers.ts';
import type { BuildDependencies, BuildRequest } from '../dependencies.ts';
import type { BuildPlan } from '../plan/plan.ts';
import type { BuildReport } from '../report/build-report.ts';
import type { SolveContext } from '../solver.ts';
import { exportToRegistry, heldLayers } from './export-cache.ts';
import { cacheImport, cacheReference } from './import-cache.ts';
import { ImportedCaches } from './imported-caches.ts';

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
  for (const target of request.cacheTo) if (target.type === 'registry') cacheReference(target.ref);
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  const { credentialsFor, noCache } = request;
  const imports = (noCache ? [] : request.cacheFrom).map((origin) =>
    cacheImport(origin, { images: deps.images, hosts: deps.hosts, credentialsFor, signal }),
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

async function exportCache(
  context: SolveContext,
  plans: readonly BuildPlan[],
  target: Exclude<CacheTarget, { type: 'inline' }>,
): Promise<void> {
  const { report, signal, solved } = context;
  if (target.type === 'local')
    throw new UnsupportedError("a cache of type local is the client's: cais build writes it");
  const task = report.task('exporting cache to registry');
  const reference = cacheReference(target.ref);
  const held = heldLayers(solved, target.mode === 'min' ? plans.map((plan) => plan.target) : undefined);
  try {
    await exportToRegistry(context, reference, held, task);
    task.done();
  } catch (error) {
    task.failed(error, signal.aborted);
    if (signal.aborted || !target.ignoresErrors) throw error;
    report.warning({
      message: `the cache was not exported to ${familiarReference(reference)}: ${messageOf(error)}`,
    });
  }
}

/** `--cache-to type=inline`, and BuildKit's argument for it, which the classic API can say. */
export function hasInlineCache({ cacheTo, given }: BuildRequest): boolean {
  return cacheTo.some(({ type }) => type === 'inline') || isTrue(given.get('BUILDKIT_INLINE_CACHE') ?? '');
}

/** As Go's ParseBool. */
function isTrue(text: string): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}
