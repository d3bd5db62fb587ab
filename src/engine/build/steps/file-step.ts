/** COPY and ADD: sources opened, their content digested, and copied only where no earlier build has done the same. */
import { posix } from 'node:path';
import type { Add, Copy } from '../../../dockerfile/instruction.ts';
import { chainIds } from '../../../oci/image/image-config.ts';
import { type Digest, digestOf } from '../../../oci/image/digest.ts';
import { adoptLayer } from '../../images/adopt-layer.ts';
import type { ImageLayer } from '../../images/image.ts';
import { cacheKey } from '../cache-key.ts';
import { copySources } from '../files/copy-sources.ts';
import { digestSources } from '../files/digest-sources.ts';
import type { FileSelection, Owner, SourceTree } from '../files/file-source.ts';
import { checkMode } from '../files/mode.ts';
import { openSources } from '../files/open-sources.ts';
import { isNumericOwner, resolveOwner } from '../files/owner.ts';
import { filesWords } from '../history.ts';
import { openRoot } from '../layer-roots.ts';
import type { StageState } from '../state.ts';
import { keepLayers, type LayerWork, solveLayer, withLayer } from './layer-step.ts';
import type { SourceFiles, StepContext, StepInput, StepOutput } from './step-context.ts';

export async function fileStep(context: StepContext, input: StepInput<Copy | Add>): Promise<StepOutput> {
  const { step, instruction, state } = input;
  const { chmod, link } = instruction;
  if (chmod !== undefined) checkMode(chmod);
  const from = await sourceFiles(context, input);
  await using opened = await open(context, input, from.tree);
  const selection: FileSelection = {
    sources: opened.sources,
    excludes: instruction.excludes,
    parents: instruction.kind === 'COPY' && instruction.parents,
  };
  const content = await digest(context, selection, from.layers);
  const owner = await ownerOf(context, instruction, state);
  const below = link ? [] : state.layers;
  const target = {
    destination: destinationOf(instruction, state),
    ...(owner && { owner }),
    ...(chmod !== undefined && { mode: chmod }),
  };
  const work: LayerWork = {
    key: cacheKey({
      kind: 'files',
      below: below.at(-1)?.chainId,
      content,
      destination: target.destination,
      owner: owner && [owner.uid, owner.gid],
      mode: chmod,
      epoch: context.epoch,
    }),
    kind: 'regular',
    description: step.name ?? instruction.text,
    make: async (_tell, signal) => {
      await using root = await openRoot(context.deps, below, { isBare: false }, signal);
      const { self } = context.deps;
      await copySources({ ...selection, ...target, root: root.path, self, signal });
      await root.release();
      return await adoptLayer(context.deps.images, root.id, { epoch: context.epoch });
    },
  };
  const { result, isCached } = await solveLayer(context, step, { ...state, layers: below }, work);
  const layers = link ? await onTop(context, state, result.layers) : result.layers;
  return { isCached, state: withLayer(state, { ...result, layers }, filesWords(instruction.text)) };
}

async function sourceFiles(
  context: StepContext,
  { step, instruction }: StepInput<Copy | Add>,
): Promise<SourceFiles> {
  if (instruction.kind !== 'COPY' || instruction.from === undefined) return { tree: context.tree };
  return await context.sourceFiles(step, instruction.from);
}

function open(
  { deps, report, signal, sources }: StepContext,
  { step, instruction }: StepInput<Copy | Add>,
  from: SourceTree,
): ReturnType<typeof openSources> {
  const add = instruction.kind === 'ADD' ? instruction : undefined;
  return openSources({
    kind: instruction.kind,
    paths: instruction.sources,
    inline: instruction.inline,
    from,
    ...(add?.checksum !== undefined && { checksum: add.checksum }),
    keepGitDir: add?.keepGitDir ?? false,
    ...(add?.unpack !== undefined && { unpack: add.unpack }),
    directory: deps.buildDirectory,
    self: deps.self,
    signal,
    onFetched: (fetched) =>
      'commit' in fetched
        ? sources.addRepository(fetched.remote, fetched.ref, fetched.commit)
        : sources.addFile(fetched.url, fetched.digest),
    onProgress: (url, current, total) =>
      report.progress(step, {
        id: url,
        status: 'Downloading',
        ...(total !== undefined && { progress: { current, total } }),
      }),
  });
}

/** Of layers once: they do not change. */
function digest(
  { deps, signal }: StepContext,
  selection: FileSelection,
  layers: readonly ImageLayer[] | undefined,
): Promise<Digest> {
  const ask = (): Promise<Digest> => digestSources({ ...selection, self: deps.self, signal });
  if (!layers) return ask();
  const paths = selection.sources.map((source) => (source.kind === 'tree' ? source.path : ''));
  const { excludes, parents } = selection;
  const question = JSON.stringify([layers.at(-1)?.chainId, paths, excludes, parents]);
  return deps.sourceDigests.of(digestOf(question), ask);
}

/** Names are those of the stage that is copied to; where the layer is to stand alone, there are none. */
async function ownerOf(
  context: StepContext,
  { chown, link }: Copy | Add,
  { layers }: StageState,
): Promise<Owner | undefined> {
  if (chown === undefined) return undefined;
  const root = link || isNumericOwner(chown) ? undefined : await context.roots.of(layers, context.signal);
  return resolveOwner(chown, root);
}

/** Absolute, with the slash that asks for a directory. */
function destinationOf({ destination }: Copy | Add, { config }: StageState): string {
  const isDirectory = destination === '' || /(?:^|\/)\.{0,2}$/.test(destination);
  const path = posix.resolve('/', config.WorkingDir ?? '', destination);
  return isDirectory && path !== '/' ? `${path}/` : path;
}

/** `--link`: the layer, made on nothing, put on what the stage has. */
async function onTop(
  context: StepContext,
  { layers }: StageState,
  made: readonly ImageLayer[],
): Promise<readonly ImageLayer[]> {
  const [layer] = made;
  if (!layer) return layers;
  const chain = chainIds([...layers, layer].map(({ diffId }) => diffId));
  const whole = [...layers, { ...layer, chainId: chain.at(-1) ?? layer.diffId }];
  keepLayers(context, whole);
  await context.deps.layers.install(whole, { signal: context.signal });
  return whole;
}
