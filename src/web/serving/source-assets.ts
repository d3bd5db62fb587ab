/** The pages when cais runs from source: bundled in memory at first use (a fifth of a second), not compressed. */
import type { Asset } from './asset.ts';
import { bundlePages } from './bundle.ts';

export async function sourceAssets(): Promise<Asset[]> {
  const files = await bundlePages();
  return files.map(({ path, type, bytes }) => ({ path, type, bodies: { identity: new Blob([bytes]) } }));
}
