/**
 * Bundles the pages from their source with Bun's bundler: index.html and all it names. Used by scripts/build-web.ts for the
 * binary and, when cais runs from source, by source-assets.ts. Never reached in the compiled program.
 */
import { InvalidError } from '../../lib/errors.ts';
import { bundleConfig } from './bundle-config.ts';

export interface BundledFile {
  readonly path: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The files of the pages, named by a hash of what they hold except for the document. */
export async function bundlePages(): Promise<BundledFile[]> {
  const result = await Bun.build(bundleConfig);
  if (!result.success) {
    throw new InvalidError(
      `cannot bundle the pages: ${result.logs.map(({ message }) => message).join('\n')}`,
    );
  }
  return Promise.all(result.outputs.map(read));
}

async function read(output: Bun.BuildArtifact): Promise<BundledFile> {
  const name = output.path.replace(/^.*\//, '');
  return {
    path: name.endsWith('.html') ? '/index.html' : `/assets/${name}`,
    type: output.type,
    bytes: new Uint8Array(await output.arrayBuffer()),
  };
}
