/** FROM a named context: its files as the only layer, or the image of its OCI layout. */
import type { Platform } from '../../../oci/image/platform.ts';
import { adoptLayer } from '../../images/adopt-layer.ts';
import { cacheKey } from '../cache-key.ts';
import { copySources } from '../files/copy-sources.ts';
import { digestSources } from '../files/digest-sources.ts';
import type { FileSelection } from '../files/file-source.ts';
import { openRoot } from '../layer-roots.ts';
import type { Step } from '../plan/steps.ts';
import { type StageState, stateOfBase } from '../state.ts';
import { keepLayers, solveLayer } from './layer-step.ts';
import type { StepContext } from './step-context.ts';

/** The files leave a line without words in the history, as with BuildKit. */
export async function contextStep(
  context: StepContext,
  step: Step,
  name: string,
  platform: Platform,
): Promise<StageState> {
  const { deps, epoch } = context;
  const opened = await context.contexts.open(name, platform);
  if (opened.kind === 'image') {
    keepLayers(context, opened.image.layers);
    return stateOfBase(opened.image, platform);
  }
  const source = { kind: 'tree', tree: opened.tree, path: '/', unpack: false } as const;
  const selection: FileSelection = { sources: [source], excludes: [], parents: false };
  const content = await digestSources({ ...selection, self: deps.self, signal: context.signal });
  const nothing = stateOfBase(undefined, platform);
  const { result } = await solveLayer(context, step, nothing, {
    key: cacheKey({ kind: 'files', content, destination: '/', epoch }),
    kind: 'regular',
    description: step.name ?? `[context ${name}]`,
    make: async (_tell, signal) => {
      await using root = await openRoot(deps, [], { isBare: true }, signal);
      await copySources({ ...selection, destination: '/', root: root.path, self: deps.self, signal });
      await root.release();
      return await adoptLayer(deps.images, root.id, { epoch });
    },
  });
  const history = [{ created: result.createdAt, comment: 'buildkit.exporter.image.v0' }];
  return { ...nothing, layers: result.layers, record: result.id, history };
}
