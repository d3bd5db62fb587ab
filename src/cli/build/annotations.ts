/**
 * --annotation [TYPE[PLATFORM],…:]KEY=VALUE: words for the manifest, the index, or the descriptors that lead to them.
 * https://docs.docker.com/build/metadata/annotations/
 */
import { InvalidError, messageOf } from '../../lib/errors.ts';
import { formatPlatform, matchesPlatform, parsePlatform, type Platform } from '../../oci/image/platform.ts';
import { splitOnce } from '../commands/container/create-values.ts';

const types = ['manifest', 'manifest-descriptor', 'index', 'index-descriptor'] as const;
export type AnnotationType = (typeof types)[number];

export interface Annotation {
  readonly type: AnnotationType;
  /** Undefined: of every platform. */
  readonly platform: Platform | undefined;
  readonly key: string;
  readonly value: string;
}

/** @throws InvalidError in buildx's words. */
export function parseAnnotation(text: string): readonly Annotation[] {
  const [left, value] = splitOnce(text, '=');
  if (value === undefined)
    throw new InvalidError(`invalid annotation ${JSON.stringify(text)}, expected key=value`);
  const [places, key] = splitOnce(left, ':');
  if (key === undefined) return [{ type: 'manifest', platform: undefined, key: left, value }];
  return places.split(',').map((place) => ({ ...parsePlace(place), key, value }));
}

function parsePlace(text: string): Pick<Annotation, 'type' | 'platform'> {
  const [, type = '', platform] = /^([a-z-]+)(?:\[([\w/-]+)\])?$/.exec(text) ?? [];
  if (type === '') {
    throw new InvalidError(
      `invalid annotation type ${JSON.stringify(text)}, expected type and optional platform in square brackets`,
    );
  }
  if (!isType(type)) throw new InvalidError(`unknown annotation type ${JSON.stringify(type)}`);
  try {
    return { type, platform: platform === undefined ? undefined : parsePlatform(platform) };
  } catch (cause) {
    throw new InvalidError(`invalid platform ${JSON.stringify(platform)}: ${messageOf(cause)}`, { cause });
  }
}

function isType(text: string): text is AnnotationType {
  return (types as readonly string[]).includes(text);
}

/** Those of one place; the last one of a key counts. */
export function annotationsOf(
  annotations: readonly Annotation[],
  type: AnnotationType,
  platform?: Platform,
): Readonly<Record<string, string>> {
  const fitting = annotations.filter(
    (each) => each.type === type && (!each.platform || !platform || matchesPlatform(platform, each.platform)),
  );
  return Object.fromEntries(fitting.map(({ key, value }) => [key, value]));
}

/** A platform as the name of a directory: `linux_arm_v7`. */
export function platformDirectory(platform: Platform): string {
  return formatPlatform(platform).replaceAll('/', '_');
}
