/**
 * The pages inside the compiled program: files that scripts/build-web.ts compressed and listed in dist/web/embedded.js,
 * which `bun build --compile` takes in. In a checkout that was never built that module does not exist, and this file is
 * not reached.
 */
import type { Asset } from './asset.ts';

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
