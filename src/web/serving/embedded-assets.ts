/**
 * The pages inside the compiled program: files that scripts/build-web.ts compressed and listed in dist/web/embedded.js,
 * which `bun build --compile` takes in. In a checkout that was never built that module does not exist, and this file is
 * not reached.
 */
import type { Asset } from './asset.ts';

/** What dist/web/embedded.js exports: per file the paths, inside the program, of its encodings. */
export interface EmbeddedFile {
  readonly path: string;
  readonly type: string;
  readonly identity: string;
  readonly br?: string;
  readonly gzip?: string;
}

export async function embeddedAssets(): Promise<Asset[]> {
  const { files } = await import('../../../dist/web/embedded.js');
  return files.map(({ path, type, identity, br, gzip }) => ({
    path,
    type,
    bodies: {
      identity: Bun.file(identity),
      ...(br !== undefined && { br: Bun.file(br) }),
      ...(gzip !== undefined && { gzip: Bun.file(gzip) }),
    },
  }));
}
