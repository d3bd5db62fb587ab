/** `-v source:target[:mode]`, sorted as docker sorts it. What it means is the engine's to say. */
import { InvalidError } from '../../../lib/errors.ts';
import { splitOnce } from './create-values.ts';

export interface Volumes {
  /** `source:target[:mode]`, as HostConfig.Binds wants it. */
  readonly binds: readonly string[];
  /** Targets that get a volume without a name. */
  readonly anonymous: readonly string[];
}

/** With a source it is a bind or a named volume, without one an anonymous volume. @throws InvalidError in docker's words. */
export function sortVolumes(texts: readonly string[]): Volumes {
  for (const text of texts) requireSections(text);
  const isBind = (text: string) => text.includes(':');
  // One given twice is one, as with docker.
  const given = [...new Set(texts)];
  return { binds: given.filter(isBind).map(absoluteBind), anonymous: given.filter((text) => !isBind(text)) };
}

function requireSections(text: string): void {
  if (text === '') throw new InvalidError('invalid empty volume spec');
  if (text.split(':').includes('')) {
    throw new InvalidError(`invalid spec: ${text}: empty section between colons`);
  }
}

function absoluteBind(bind: string): string {
  const [source, rest] = splitOnce(bind, ':');
  return `${absolute(source)}:${rest ?? ''}`;
}

/** A source that begins with a dot is relative to where the command is typed. */
export function absolute(path: string): string {
  return path.startsWith('.') ? process.getBuiltinModule('node:path').resolve(path) : path;
}
