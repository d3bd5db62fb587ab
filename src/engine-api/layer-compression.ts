/**
 * In which form layers leave an engine: `compression=zstd,compression-level=9,force-compression=true` of `--output` and
 * `--cache-to`. Words are BuildKit's. https://docs.docker.com/build/exporters/#compression
 */
import { InvalidError, UnsupportedError } from '../lib/errors.ts';
import { truth } from './attestations.ts';

export const compressionTypes = ['gzip', 'zstd', 'uncompressed'] as const;

export interface LayerCompression {
  readonly type: (typeof compressionTypes)[number];
  /** Undefined: the usual one. */
  readonly level?: number | undefined;
  /** Also of layers that came to the engine in another form; else these go out as they came. */
  readonly isForced: boolean;
}

/** Of gzip and zstd, as their own programs have them. */
const highestLevels = { gzip: 9, zstd: 22 } as const;

/** @returns undefined where nothing was said. @throws InvalidError, UnsupportedError */
export function parseCompression(
  values: Readonly<Record<string, string | undefined>>,
): LayerCompression | undefined {
  const type = values['compression'];
  const level = values['compression-level'];
  const forced = values['force-compression'];
  if (type === undefined && level === undefined && forced === undefined) return undefined;
  const known = typeOf(type || 'gzip');
  return {
    type: known,
    ...(level !== undefined && { level: levelOf(level, known) }),
    isForced:
      forced !== undefined &&
      truth(forced, () => `non-bool value ${JSON.stringify(forced)} specified for force-compression`),
  };
}

function typeOf(text: string): LayerCompression['type'] {
  const type = compressionTypes.find((each) => each === text);
  if (type !== undefined) return type;
  if (text === 'estargz')
    throw new UnsupportedError('compression=estargz is not supported: use gzip, zstd or uncompressed');
  throw new InvalidError(`unsupported layer compression type ${text}: use gzip, zstd or uncompressed`);
}

function levelOf(text: string, type: LayerCompression['type']): number {
  if (!/^\d{1,3}$/.test(text))
    throw new InvalidError(`non-integer value ${JSON.stringify(text)} specified for compression-level`);
  const level = Number(text);
  requireLevel(level, type);
  return level;
}

/** @throws InvalidError for a level that the type does not have. */
export function requireLevel(level: number, type: LayerCompression['type']): void {
  if (type === 'uncompressed')
    throw new InvalidError('compression-level needs compression=gzip or compression=zstd');
  if (level > highestLevels[type])
    throw new InvalidError(
      `compression-level ${level} is out of range: ${type} has 0 to ${highestLevels[type]}`,
    );
}
