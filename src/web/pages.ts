/**
 * Serves the pages: one document for every address, and its assets. bin/cais.ts hands this function to the hub.
 * Decision: the pages are bundled by Bun.build from index.html. For the binary scripts/build-web.ts does it ahead, compresses
 * (brotli, gzip) and embeds the files; from source the same bundle is made in memory at first use. Bun's own HTML imports would
 * need Bun.serve's `routes`, which leave no way to set a Content-Security-Policy or to stay a plain function of the request.
 */
import { type Asset, assetResponse, isDocument } from './serving/asset.ts';
import { type DocumentFacts, withFacts } from './serving/document-facts.ts';
import { securityHeaders } from './serving/headers.ts';
import { isPage } from './routes.ts';

/** Answers a request for a page or an asset. Never throws; what is not there is the not-found page with status 404. */
type Pages = (request: Request) => Promise<Response>;

/**
 * @param facts that every page begins with.
 * @param load where the assets come from; the default knows whether this is the compiled program.
 */
export async function createPages(
  facts: DocumentFacts,
  load: () => Promise<Asset[]> = loadAssets,
): Promise<Pages> {
  const assets = new Map((await load()).map((asset) => [asset.path, asset]));
  const found = [...assets.values()].find(isDocument);
  const document = found && (await withFacts(found, facts));
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'method not allowed');
    const { pathname } = new URL(request.url);
    const asset = assets.get(pathname);
    if (asset && asset !== found) return assetResponse(asset, request);
    if (!document || pathname.startsWith('/assets/')) return refusal(404, 'not found');
    return assetResponse(document, request, isPage(pathname) ? 200 : 404);
  };
}

/** Loaded on demand, so that a command that serves no page does not pay for them. */
async function loadAssets(): Promise<Asset[]> {
  if (isCompiled()) return (await import('./serving/embedded-assets.ts')).embeddedAssets();
  return (await import('./serving/source-assets.ts')).sourceAssets();
}

/** Files inside a program made by `bun build --compile` live under this root. */
function isCompiled(): boolean {
  return import.meta.url.includes('/$bunfs/');
}

function refusal(status: number, message: string): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { ...securityHeaders, 'Content-Type': 'text/plain; charset=utf-8' },
  });
}
