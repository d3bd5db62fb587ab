/** COPY and ADD: sources opened, their content digested, and copied only where no earlier build has done the same. */
import { posix } from 'node:path';
import type { Add, Copy } from '../../../dockerfile/instruction.ts';
import { chainIds } from '../../../oci/image/image-config.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { adoptLayer } from '../../images/adopt-layer.ts';
import type { ImageLayer } from '../../images/image.ts';
import { cacheKey } from '../cache-key.ts';
import { copySources } from '../files/copy-sources.ts';
import { digestSources } from '../files/digest-sources.ts';
import type { FileSelection, Owner, SourceTree } from '../files/file-source.ts';
import { checkMode } from '../files/mode.ts';
import { openSources } from '../files/open-sources.ts';
import { resolveOwner } from '../files/owner.ts';
import { filesWords } from '../history.ts';
import { openRoot } from '../layer-roots.ts';
import { type Facts, withFacts } from '../remote-cache/facts.ts';
import type { StageState } from '../state.ts';
import { keepLayers, type GuessedWork, solveLayer, withLayer } from './layer-step.ts';
import { ownerIn } from './owner-in.ts';
import {
  rootsOf,
  type SourceFiles,
  type StepContext,
  type StepInput,
  type StepOutput,
} from './step-context.ts';

export async function fileStep(context: StepContext, input: StepInput<Copy | Add>): Promise<StepOutput> {
  if (input.instruction.chmod !== undefined) checkMode(input.instruction.chmod);
  const from = await sourceFiles(context, input);
  await using opened = new Selection(context, input, from);
  return await withFacts(context, (facts) => solveFiles(context, input, { from, opened, facts }));
}

interface Sources {
  readonly from: SourceFiles;
  readonly opened: Selection;
  readonly facts: Facts;
}

async function solveFiles(
  context: StepContext,
  { step, instruction, state }: StepInput<Copy | Add>,
  { from, opened, facts }: Sources,
): Promise<StepOutput | undefined> {
  const { chmod, link } = instruction;
  const content = await digest(context, instruction, { from, opened, facts });
  const owner = await ownerOf(context, facts, instruction, state);
  const below = link ? [] : state.layers;
  const target = {
    destination: destinationOf(instruction, state),
    ...(owner && { owner }),
    ...(chmod !== undefined && { mode: chmod }),
  };
  const work: GuessedWork = {
    key: cacheKey({
      kind: 'files',
      below: below.at(-1)?.chainId,
      content,
      destination: target.destination,
      owner: owner && [owner.uid, owner.gid],
      mode: chmod,
      epoch: context.epoch,
    }),
    isGuess: facts.isGuess,
    kind: 'regular',
    description: step.name ?? instruction.text,
    make: async (_tell, signal) => {
      await using root = await openRoot(rootsOf(context), below, { isBare: false }, signal);
      const { self } = context.deps;
      await copySources({ ...(await opened.selection()), ...target, root: root.path, self, signal });
      await root.release();
      return await adoptLayer(context.deps.images, root.id, { epoch: context.epoch });
    },
  };
  const layer = await solveLayer(context, step, { ...state, layers: below }, work);
  if (!layer) return undefined;
  const { result, isCached } = layer;
  const layers = link ? onTop(context, state, result.layers) : result.layers;
  return { isCached, state: withLayer(state, { ...result, layers }, filesWords(instruction.text)) };
}

async function sourceFiles(
  context: StepContext,
  { step, instruction }: StepInput<Copy | Add>,
): Promise<SourceFiles> {
  if (instruction.kind === 'COPY' && instruction.from !== undefined)
    return await context.sourceFiles(step, instruction.from);
  return { tree: async () => context.tree };
}

/** What the words stand for, opened when it is first asked for. */
class Selection implements AsyncDisposable {
  readonly #open: () => ReturnType<typeof openSources>;
  readonly #how: Pick<FileSelection, 'excludes' | 'parents'>;
  #opened: ReturnType<typeof openSources> | undefined;

  constructor(context: StepContext, input: StepInput<Copy | Add>, { tree }: SourceFiles) {
    const { instruction } = input;
    this.#open = async () => await open(context, input, await tree());
    this.#how = {
      excludes: instruction.excludes,
      parents: instruction.kind === 'COPY' && instruction.parents,
    };
  }

  async selection(): Promise<FileSelection> {
    this.#opened ??= this.#open();
    const { sources } = await this.#opened;
    return { sources, ...this.#how };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  }
}

function open(
  { deps, report, request, signal, sources }: StepContext,
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
    access: { session: request.session, runDirectory: deps.buildRunDirectory },
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
  instruction: Copy | Add,
  { from: { layers }, opened, facts }: Sources,
): Promise<Digest> {
  const ask = async (): Promise<Digest> =>
    digestSources({ ...(await opened.selection()), self: deps.self, signal });
  if (!layers) return ask();
  const { sources, excludes } = instruction;
  const parents = instruction.kind === 'COPY' && instruction.parents;
  return facts.of(['files', layers.at(-1)?.chainId, sources, excludes, parents], ask);
}

/** Names are those of the stage that is copied to; where the layer is to stand alone, there are none. */
async function ownerOf(
  context: StepContext,
  facts: Facts,
  { chown, link }: Copy | Add,
  { layers }: StageState,
): Promise<Owner | undefined> {
  if (chown === undefined) return undefined;
  return link ? resolveOwner(chown, undefined) : await ownerIn(context, facts, chown, layers);
}

/** Absolute, with the slash that asks for a directory. */
function destinationOf({ destination }: Copy | Add, { config }: StageState): string {
  const isDirectory = destination === '' || /(?:^|\/)\.{0,2}$/.test(destination);
  const path = posix.resolve('/', config.WorkingDir ?? '', destination);
  return isDirectory && path !== '/' ? `${path}/` : path;
}

/** `--link`: the layer, made on nothing, put on what the stage has. */
function onTop(
  context: StepContext,
  { layers }: StageState,
  made: readonly ImageLayer[],
): readonly ImageLayer[] {
  const [layer] = made;
  if (!layer) return layers;
  const chain = chainIds([...layers, layer].map(({ diffId }) => diffId));
  const whole = [...layers, { ...layer, chainId: chain.at(-1) ?? layer.diffId }];
  keepLayers(context, whole);
  return whole;
}
