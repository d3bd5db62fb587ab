/** A step that makes a layer: taken from the cache where it was done before, and done once where several come to it. */
import { type Digest, digestOf } from '../../../oci/image/digest.ts';
import type { ProcessConfig } from '../../../oci/image/image-config.ts';
import type { AdoptedLayer } from '../../images/adopt-layer.ts';
import type { ImageLayer } from '../../images/image.ts';
import { type ProgressEvent, throttled } from '../../images/progress-event.ts';
import type { CacheKind, CacheResult } from '../cache/build-cache.ts';
import { historyEntry } from '../history.ts';
import type { Step } from '../plan/steps.ts';
import { JoinedOutput } from './joined-output.ts';
import type { StepNews } from '../shared-steps.ts';
import type { StageState } from '../state.ts';
import type { StepContext } from './step-context.ts';

export type TellNews = (news: StepNews) => void;

export interface LayerWork {
  readonly key: Digest;
  readonly kind: CacheKind;
  /** As the cache's records show it. */
  readonly description: string;
  /** Makes the layer on `below`. @returns undefined where no file has changed. */
  readonly make: (tell: TellNews, signal: AbortSignal) => Promise<AdoptedLayer | undefined>;
}

export interface GuessedWork extends LayerWork {
  /** The key was made with what a cache elsewhere says: nothing is to be made by it. */
  readonly isGuess: boolean;
}

export interface SolvedLayer {
  readonly result: CacheResult;
  readonly isCached: boolean;
}

type Below = Pick<StageState, 'layers' | 'record'>;

/**
 * @param below what the layer comes on top of.
 * @returns undefined for a guess that no cache knows.
 */
export function solveLayer(
  context: StepContext,
  step: Step,
  below: Below,
  work: GuessedWork,
): Promise<SolvedLayer | undefined>;
export function solveLayer(
  context: StepContext,
  step: Step,
  below: Below,
  work: LayerWork,
): Promise<SolvedLayer>;
export async function solveLayer(
  context: StepContext,
  step: Step,
  { layers: below, record: parent }: Below,
  work: LayerWork | GuessedWork,
): Promise<SolvedLayer | undefined> {
  const { deps, kept, solved } = context;
  const { key, description } = work;
  const isFresh = context.request.noCache || isNamed(context, step);
  const known = isFresh
    ? undefined
    : (deps.buildCache.get(key) ?? (await context.caches.find(key, below, parent)));
  if (!known && 'isGuess' in work && work.isGuess) return undefined;
  const result = known ?? (await makeOnce(context, step, { below, parent, isFresh }, work));
  kept.use(deps.buildCache.hold([result.id]));
  keepLayers(context, result.layers);
  const { layers, hasLayer, createdAt } = result;
  const diffId = hasLayer ? layers.at(-1)?.diffId : undefined;
  solved.add({ key, description, createdAt, diffId, layers, stage: step.stage });
  return { result, isCached: known !== undefined };
}

/** Until the build ends. */
export function keepLayers({ deps, kept }: StepContext, layers: readonly ImageLayer[]): void {
  kept.use(deps.images.leases.hold(layers.flatMap(({ diffId, chainId }) => [diffId, chainId])));
}

/** The state with a layer on top. @param words for the history. */
export function withLayer(
  state: StageState,
  { layers, hasLayer, createdAt, id }: CacheResult,
  words: string,
  config: ProcessConfig = state.config,
): StageState {
  const entry = historyEntry(words, { createdAt, hasLayer });
  return { ...state, config, layers, record: id, history: [...state.history, entry] };
}

function isNamed({ request: { noCacheStages } }: StepContext, { stage: { name, index } }: Step): boolean {
  return noCacheStages.some((wanted) => wanted.toLowerCase() === name || wanted === String(index));
}

interface Place {
  readonly below: readonly ImageLayer[];
  readonly parent: string | undefined;
  readonly isFresh: boolean;
}

async function makeOnce(
  context: StepContext,
  step: Step,
  { below, parent, isFresh }: Place,
  { key, kind, description, make }: LayerWork,
): Promise<CacheResult> {
  const { deps, signal } = context;
  // Who wants it made anew shares it with nobody but the stages of the same build.
  const shared = isFresh ? digestOf(`${key} ${context.id}`) : key;
  const joined = new JoinedOutput(context.report);
  return await deps.sharedSteps.run(
    shared,
    async (tell, taskSignal) => {
      const report = (event: ProgressEvent): void => tell({ kind: 'progress', event });
      const installed = await context.layers.install(below, {
        signal: taskSignal,
        report: throttled(report),
      });
      using layer = await make(tell, taskSignal);
      const layers = layer ? [...installed, layerOf(layer)] : installed;
      const record = { layers, hasLayer: layer !== undefined, kind, description, parent, createdAt: now() };
      return { ...record, id: deps.buildCache.put(key, record) };
    },
    (news, isOwn) => {
      // Whoever began the step holds its command back.
      if (isOwn || news.kind !== 'output') pass(context, step, news);
      else joined.pass(step, news.stream, news.text);
    },
    signal,
  );
}

function layerOf({ diffId, chainId, size }: ImageLayer): ImageLayer {
  return { diffId, chainId, size };
}

function now(): string {
  return new Date().toISOString();
}

function pass({ report }: StepContext, step: Step, news: StepNews): void {
  if (news.kind === 'container') report.container(step, news.id);
  else if (news.kind === 'progress') report.progress(step, news.event);
  else report.output(step, news.stream, news.text);
}
