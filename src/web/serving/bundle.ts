/**
 * Bundles the pages from their source with Bun's bundler: index.html and all it names. Used by scripts/build-web.ts for the
 * binary and, when cais runs from source, by source-assets.ts. Never reached in the compiled program.
 */
import { join } from 'node:path';
import { InvalidError } from '../../lib/errors.ts';

export interface BundledFile {
  readonly path: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const entry = join(import.meta.dir, '..', 'index.html');

/** The files of the pages, named by a hash of what they hold except for the document. */
export async function bundlePages(): Promise<BundledFile[]> {
  const result = await Bun.build({
    entrypoints: [entry],
    target: 'browser',
    minify: true,
    splitting: true,
    publicPath: '/assets/',
    naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
    define: { 'process.env.NODE_ENV': '"production"' },
    throw: false,
  });
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
