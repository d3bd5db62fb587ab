/**
 * One file of the bundled pages and how it is answered: compressed where the browser takes that, hashed names for ever,
 * the document never without asking. pages.ts picks the asset; headers.ts adds what every answer carries.
 */
import { securityHeaders } from './headers.ts';

const encodings = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof encodings)[number];

export interface Asset {
  /** The path it is served at: `/assets/main-3f2a.js`. */
  readonly path: string;
  /** The Content-Type. */
  readonly type: string;
  /** The bytes in each encoding there is; `identity` always. */
  readonly bodies: Readonly<Partial<Record<Encoding, Blob>>>;
}

/** The answer that carries the asset. The bytes of a page's asset are small, so they may be read whole. */
export async function assetResponse(asset: Asset, request: Request, status = 200): Promise<Response> {
  const [encoding, body] = negotiate(asset, request.headers.get('accept-encoding') ?? '');
  const headers = new Headers(securityHeaders);
  headers.set('Content-Type', asset.type);
  headers.set('Content-Length', String(body.size));
  headers.set('Vary', 'Accept-Encoding');
  headers.set('Cache-Control', isDocument(asset) ? 'no-cache' : 'public, max-age=31536000, immutable');
  if (encoding !== 'identity') headers.set('Content-Encoding', encoding);
  // Not `new Response(Bun.file(…))`: that adds a Content-Disposition with the name on disk.
  return new Response(request.method === 'HEAD' ? null : await body.arrayBuffer(), { status, headers });
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding, without the ordering by q: ours is by size. */
function negotiate(asset: Asset, acceptEncoding: string): [Encoding, Blob] {
  const accepted = new Set(
    acceptEncoding
      .split(',')
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(';', 1)[0]?.trim().toLowerCase()),
  );
  for (const encoding of encodings) {
    const body = asset.bodies[encoding];
    if (body && (encoding === 'identity' || accepted.has(encoding))) return [encoding, body];
  }
  return ['identity', new Blob()];
}

export function isDocument(asset: Asset): boolean {
  return asset.type.startsWith('text/html');
}
