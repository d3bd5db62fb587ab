/** What a build's request carries: the context as a stream, and where in it the Dockerfile is. */
import { parseIgnore } from '../../dockerfile/ignore.ts';
import { listContext } from './context-files.ts';
import { contextTar, type ExtraFile } from './context-tar.ts';
import type { BuildSource } from './source.ts';

export interface ContextBody {
  /** The value of the request's `dockerfile`; undefined for the default. */
  readonly dockerfile: string | undefined;
  /** The value of `remote`, which has no body. */
  readonly remote?: string;
  readonly body?: AsyncGenerator<Uint8Array, void, undefined> | ReadableStream<Uint8Array>;
}

/** @throws InvalidError for a .dockerignore that cannot be read; the body throws for a file. */
export function contextBody(source: BuildSource): ContextBody {
  switch (source.kind) {
    case 'remote':
      return { dockerfile: source.path, remote: source.address };
    case 'archive':
      return { dockerfile: source.path, body: source.body };
    case 'dockerfile':
      return {
        dockerfile: undefined,
        body: contextTar([], [{ path: 'Dockerfile', text: source.dockerfile.text }]),
      };
    default:
      return directoryBody(source);
  }
}

function directoryBody(source: Extract<BuildSource, { kind: 'directory' }>): ContextBody {
  const { directory, path, dockerfile } = source;
  const rules = parseIgnore(dockerfile.ignore);
  if (path !== undefined) {
    const always = new Set([path, '.dockerignore', `${path}.dockerignore`]);
    return { dockerfile: path, body: contextTar(listContext(directory, rules, always), []) };
  }
  const extras = foreignDockerfile(dockerfile.text, dockerfile.ignore);
  const body = contextTar(listContext(directory, rules, new Set()), extras);
  return { dockerfile: extras[0]?.path, body };
}

/**
 * A Dockerfile that is not of the context goes along under a name of its own, which .dockerignore keeps from COPY,
 * as docker's own CLI does it. The name is of the content: the same build asks for the same thing.
 */
function foreignDockerfile(text: string, ignore: string): readonly ExtraFile[] {
  const hash = new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 20);
  const path = `.dockerfile.${hash}`;
  return [
    { path, text },
    { path: '.dockerignore', text: `${ignore}\n.dockerignore\n${path}\n` },
  ];
}
