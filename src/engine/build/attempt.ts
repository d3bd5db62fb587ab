/**
 * Solves a build with what caches elsewhere promise, and again without where a promise does not hold: their registry has
 * gone, a layer is not what it was said to be. What was done by then is in this engine's own cache.
 */
import type { ImageLayer } from '../images/image.ts';
import { throttled } from '../images/progress-event.ts';
import { LostCacheError } from './build-layers.ts';
import { StepError } from './failure.ts';
import type { BuildPlan } from './plan/plan.ts';
import { solve, type SolveContext } from './solver.ts';
import type { StageState } from './state.ts';

/** @returns what the target has come to for each platform, its layers here. */
export async function solveWithCaches(
  plans: readonly BuildPlan[],
  context: SolveContext,
): Promise<readonly StageState[]> {
  const { caches, report, signal, solved } = context;
  for (;;) {
    try {
      const states: StageState[] = [];
      for (const state of await solve(plans, context)) {
        states.push({ ...state, layers: await bringLayers(context, state.layers) });
      }
      return states;
    } catch (error) {
      const lost = lostCache(error);
      if (!lost || signal.aborted) throw error;
      if (!lost.isNamed)
        report.warning({ message: `the imported cache cannot be used any more: ${lost.message}` });
      caches.forget(lost.isNamed ? 'named' : 'all');
      solved.clear();
    }
  }
}

/** Undefined for a failure of another kind. */
function lostCache(error: unknown): LostCacheError | undefined {
  const cause = error instanceof StepError ? error.cause : error;
  return cause instanceof LostCacheError ? cause : undefined;
}

async function bringLayers(
  { layers: installer, report, signal }: SolveContext,
  layers: readonly ImageLayer[],
): Promise<readonly ImageLayer[]> {
  if (installer.areHere(layers)) return await installer.install(layers, { signal });
  const task = report.task('pulling cached layers');
  try {
    const told = throttled((event) => task.progress(event));
    const brought = await installer.install(layers, { signal, report: told });
    task.done();
    return brought;
  } catch (error) {
    task.failed(error, signal.aborted);
    throw error;
  }
}
