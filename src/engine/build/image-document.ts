/** The configuration of what was built: its bytes are the image's identity. Pure. */
import type { ProcessConfig } from '../../oci/image/image-config.ts';
import type { Image } from '../images/image.ts';
import type { HistoryDraft } from './history.ts';
import type { StageState } from './state.ts';

/**
 * A state in which nothing has been done is the base itself. Fields in alphabetical order, as docker writes them.
 * @param epoch SOURCE_DATE_EPOCH, in seconds: the time of the image and of what was done to its base.
 * @param more fields that the image is to have besides.
 */
export function encodeImage(
  state: StageState,
  epoch?: number,
  more: Readonly<Record<string, object>> = {},
): Uint8Array {
  const { base, config, author, layers, platform } = state;
  if (base && isUntouched(state, base)) return base.configBytes;
  const history = datedHistory(state, epoch);
  const created = history.at(-1)?.created ?? timeOf(epoch) ?? base?.config.created;
  const value = {
    architecture: platform.architecture,
    ...(author !== undefined && author !== '' && { author }),
    config: ordered(config),
    ...(created && { created }),
    history,
    os: platform.os,
    ...(platform['os.version'] !== undefined && { 'os.version': platform['os.version'] }),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    ...(platform.variant && { variant: platform.variant }),
    ...more,
  };
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Triggers and labels of the command line leave no entry in the history. */
function isUntouched({ config, history }: StageState, base: Image): boolean {
  const before = base.config.config ?? {};
  const isSame = (name: 'OnBuild' | 'Labels'): boolean =>
    JSON.stringify(config[name] ?? null) === JSON.stringify(before[name] ?? null);
  return history.length === (base.config.history ?? []).length && isSame('OnBuild') && isSame('Labels');
}

/**
 * What made no layer is as old as the first new layer, or as the layer before it: so an image of cached layers is the
 * same image, whenever it was built.
 */
function datedHistory({ history, base }: StageState, epoch: number | undefined): HistoryDraft[] {
  const fromBase = (base?.config.history ?? []).length;
  const fixed = timeOf(epoch);
  if (fixed !== undefined) {
    return history.map((entry, index) => (index < fromBase ? entry : dated(entry, fixed)));
  }
  const own = history.slice(fromBase);
  let time =
    own.find(({ created }) => created !== undefined)?.created ??
    history.findLast(({ created }) => created !== undefined)?.created ??
    base?.config.created ??
    undefined;
  const rest = own.map((entry) => {
    time = entry.created ?? time;
    return dated(entry, time);
  });
  return [...history.slice(0, fromBase), ...rest];
}

function dated({ created: _created, ...entry }: HistoryDraft, created: string | undefined): HistoryDraft {
  return { ...(created !== undefined && { created }), ...entry };
}

function timeOf(epoch: number | undefined): string | undefined {
  return epoch === undefined ? undefined : new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
}

/** The same configuration is the same bytes, in whatever order it came to be. */
function ordered(config: ProcessConfig): ProcessConfig {
  const names = Object.keys(config).toSorted();
  return Object.fromEntries(names.map((name) => [name, sortedKeys(config[name])]));
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sortedKeys(inner)]),
  );
}
