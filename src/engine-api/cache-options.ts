/**
 * `--cache-from` and `--cache-to` in buildx's syntax, for the command line and for the engine, which is sent the same text.
 * https://docs.docker.com/build/cache/backends/
 */
import { InvalidError, UnsupportedError } from '../lib/errors.ts';
import { splitFields } from '../lib/csv.ts';
import { type Digest, parseDigest } from '../oci/image/digest.ts';
import { type LayerCompression, parseCompression } from './layer-compression.ts';

export type CacheSource =
  | { readonly type: 'registry'; readonly ref: string }
  /** A directory of the client's. The client finds the digest by the tag; the engine is told it. */
  | {
      readonly type: 'local';
      readonly src: string;
      readonly tag: string;
      readonly digest: Digest | undefined;
    };

/** buildx's, of a cache in a directory. */
const usualTag = 'latest';

export type CacheTarget = {
  /** Of the result alone, or of all stages' steps. */
  readonly mode: 'min' | 'max';
  /** A build whose cache could not be exported is a good one. */
  readonly ignoresErrors: boolean;
  /** Undefined: as a push sends them. */
  readonly compression?: LayerCompression | undefined;
} & (
  | { readonly type: 'registry'; readonly ref: string }
  /** `tag`: what index.json calls it. */
  | { readonly type: 'local'; readonly dest: string; readonly tag: string }
  /** In the image itself. */
  | { readonly type: 'inline' }
);

/** @throws InvalidError, UnsupportedError */
export function parseCacheSources(texts: readonly string[]): CacheSource[] {
  return texts.flatMap(readEntries).map((entry) => {
    const { type, values } = entry;
    if (type === 'registry') return { type, ref: refOf(entry) };
    if (type !== 'local') throw unknownType(type, 'importer');
    const { src } = values;
    if (!src) throw new InvalidError('local cache importer requires src');
    return { type, src, tag: values['tag'] || usualTag, digest: digestOf(values) };
  });
}

function digestOf({ digest }: Entry['values']): Digest | undefined {
  return digest ? parseDigest(digest) : undefined;
}

/** @throws InvalidError, UnsupportedError */
export function parseCacheTargets(texts: readonly string[]): CacheTarget[] {
  const targets = texts.flatMap(readEntries).map(readTarget);
  const places = targets.map(placeOf);
  const twice = places.filter((place, at) => places.indexOf(place) !== at);
  if (twice.length > 0) throw new InvalidError(`duplicate cache exports [${[...new Set(twice)].join(' ')}]`);
  return targets;
}

interface Entry {
  readonly type: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Names alone, `user/app:cache`, are references. */
function readEntries(text: string): Entry[] {
  if (text === '') return [];
  const fields = splitFields(text);
  if (fields.every((field) => !field.includes('=')))
    return fields.map((ref) => ({ type: 'registry', values: { ref } }));
  const values: Record<string, string> = {};
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals === -1) throw new InvalidError(`invalid value ${field}`);
    values[field.slice(0, equals).trim().toLowerCase()] = field.slice(equals + 1);
  }
  const { type } = values;
  if (!type) throw new InvalidError(`type required form> ${JSON.stringify(text)}`);
  return [{ type, values }];
}

function readTarget(entry: Entry): CacheTarget {
  const { type, values } = entry;
  const mode = values['mode'] || 'min';
  if (mode !== 'min' && mode !== 'max') throw new InvalidError(`invalid cache export mode: ${mode}`);
  const options = { mode, ignoresErrors: booleanOf(values, 'ignore-error', false) } as const;
  if (type === 'inline') return { type, ...options };
  checkForm(values);
  const compression = parseCompression(values);
  const sent = { ...options, ...(compression && { compression }) };
  if (type === 'registry') return { type, ref: refOf(entry), ...sent };
  if (type !== 'local') throw unknownType(type, 'exporter');
  const { dest } = values;
  if (!dest) throw new InvalidError('local cache exporter requires dest');
  return { type, dest, tag: values['tag'] || usualTag, ...sent };
}

/** There is one form: an OCI image manifest. */
function checkForm(values: Entry['values']): void {
  for (const name of ['image-manifest', 'oci-mediatypes']) {
    if (!booleanOf(values, name, true))
      throw new UnsupportedError(`${name}=false is not supported: a cache is an OCI image manifest`);
  }
}

function refOf({ values: { ref } }: Entry): string {
  if (!ref) throw new InvalidError('ref is required for a cache of type registry');
  return ref;
}

function placeOf(target: CacheTarget): string {
  if (target.type === 'inline') return 'inline';
  if (target.type === 'registry') return `registry ${target.ref}`;
  return `local ${target.dest}:${target.tag}`;
}

function unknownType(type: string, kind: 'importer' | 'exporter'): Error {
  if (['gha', 's3', 'azblob'].includes(type))
    return new UnsupportedError(`cache of type ${type} is not supported: use type=registry,ref=…`);
  return new InvalidError(`unknown cache ${kind}: ${JSON.stringify(type)}`);
}

/** As Go's ParseBool. */
function booleanOf(values: Entry['values'], name: string, usual: boolean): boolean {
  const text = values[name];
  if (text === undefined) return usual;
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new InvalidError(`failed to parse ${name}: ${JSON.stringify(text)} is neither true nor false`);
}
