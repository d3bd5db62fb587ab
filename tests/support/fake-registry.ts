/**
 * A registry in the test's own process: enough of the protocol for pulls and pushes, every request written down, and a
 * place for the test to answer in its stead.
 */
import type { Server } from 'bun';
import { type Digest, digestOf, parseDigest } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';

/** What a test puts between the client and the registry; undefined lets the request through. */
export type Intercept = (
  request: Request,
  line: string,
) => Response | undefined | Promise<Response | undefined>;

interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface FakeImage {
  readonly manifest: Digest;
  readonly config: Digest;
  readonly layers: readonly Digest[];
  readonly diffIds: readonly Digest[];
}

export class FakeRegistry implements AsyncDisposable {
  /** `GET /v2/alice/app/manifests/latest`, in order. */
  readonly requests: string[] = [];
  readonly headers: Headers[] = [];
  readonly manifests = new Map<string, StoredManifest>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #uploads = new Map<string, Uint8Array[]>();
  readonly #hostname: string;
  readonly #server: Server<undefined>;
  intercept: Intercept = () => undefined;

  /** @param hostname an address of this machine. */
  constructor(hostname = '127.0.0.1') {
    this.#hostname = hostname;
    this.#server = Bun.serve({
      hostname,
      port: 0,
      fetch: (request) => this.#handle(request),
    });
  }

  get host(): string {
    return `${this.#hostname}:${this.#server.port}`;
  }

  get url(): URL {
    return new URL(`http://${this.host}`);
  }

  /** Puts a blob into a repository. */
  addBlob(repository: string, bytes: Uint8Array): Digest {
    const digest = digestOf(bytes);
    this.#blobs.set(`${repository}@${digest}`, bytes);
    return digest;
  }

  blob(repository: string, digest: Digest): Uint8Array | undefined {
    return this.#blobs.get(`${repository}@${digest}`);
  }

  /** Puts a manifest under its digest and a tag. */
  addManifest(repository: string, tag: string, mediaType: string, value: object): Digest {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const digest = digestOf(bytes);
    for (const reference of [tag, digest])
      this.manifests.set(`${repository}:${reference}`, { mediaType, bytes });
    return digest;
  }

  /** Puts a whole image: gzip of each tar as a layer. */
  addImage(repository: string, tag: string, tars: readonly Uint8Array[], config: object = {}): FakeImage {
    const diffIds = tars.map((tar) => digestOf(tar));
    const blobs = tars.map((tar) => Bun.gzipSync(Uint8Array.from(tar)));
    const layers = blobs.map((blob) => this.addBlob(repository, blob));
    const configBytes = new TextEncoder().encode(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: diffIds },
        ...config,
      }),
    );
    const configDigest = this.addBlob(repository, configBytes);
    const manifest = this.addManifest(repository, tag, mediaTypes.ociManifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: configDigest, size: configBytes.length },
      layers: blobs.map((blob, index) => ({
        mediaType: mediaTypes.ociLayerGzip,
        digest: layers[index],
        size: blob.length,
      })),
    });
    return { manifest, config: configDigest, layers, diffIds };
  }

  /** How often a request of this beginning came. */
  count(beginning: string): number {
    return this.requests.filter((line) => line.startsWith(beginning)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const line = `${request.method} ${pathname}`;
    this.requests.push(line);
    this.headers.push(request.headers);
    return (await this.intercept(request, line)) ?? this.#answer(request, pathname);
  }

  #answer(request: Request, pathname: string): Response | Promise<Response> {
    if (pathname === '/v2/') return new Response('{}');
    const [, repository, kind, rest = ''] =
      /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|tags)\/(.*)$/.exec(pathname) ?? [];
    if (!repository) return wireError(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    switch (kind) {
      case 'manifests':
        return this.#manifest(request, repository, rest);
      case 'blobs':
        return this.#getBlob(request, repository, rest);
      case 'tags':
        return Response.json({ tags: this.#tags(repository) });
      default:
        return this.#upload(request, repository, rest);
    }
  }

  #tags(repository: string): string[] {
    const prefix = `${repository}:`;
    const references = [...this.manifests.keys()].filter((key) => key.startsWith(prefix));
    return references.map((key) => key.slice(prefix.length)).filter((reference) => !reference.includes(':'));
  }

  async #manifest(request: Request, repository: string, reference: string): Promise<Response> {
    if (request.method === 'PUT') {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const stored = { mediaType: request.headers.get('Content-Type') ?? '', bytes };
      for (const key of [reference, digestOf(bytes)]) this.manifests.set(`${repository}:${key}`, stored);
      return new Response(null, { status: 201 });
    }
    const found = this.manifests.get(`${repository}:${reference}`);
    if (!found) return wireError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    const headers = { 'Content-Type': found.mediaType, 'Docker-Content-Digest': digestOf(found.bytes) };
    if (request.method !== 'HEAD') return new Response(Uint8Array.from(found.bytes), { headers });
    return new Response(null, { headers: { ...headers, 'Content-Length': String(found.bytes.byteLength) } });
  }

  #getBlob(request: Request, repository: string, digest: string): Response {
    const blob = this.#blobs.get(`${repository}@${digest}`);
    if (!blob) return wireError(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    if (request.method === 'HEAD')
      return new Response(null, { headers: { 'Content-Length': String(blob.length) } });
    const from = /^bytes=(\d+)-$/.exec(request.headers.get('Range') ?? '')?.[1];
    if (from === undefined) return new Response(new Uint8Array(blob));
    return new Response(new Uint8Array(blob.subarray(Number(from))), { status: 206 });
  }

  async #upload(request: Request, repository: string, session: string): Promise<Response> {
    const query = new URL(request.url).searchParams;
    if (request.method === 'POST') return this.#openUpload(repository, query);
    const chunks = this.#uploads.get(session);
    if (!chunks) return wireError(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    if (request.method === 'DELETE') {
      this.#uploads.delete(session);
      return new Response(null, { status: 204 });
    }
    chunks.push(new Uint8Array(await request.arrayBuffer()));
    const headers = { Location: `/v2/${repository}/blobs/uploads/${session}?state=next` };
    if (request.method === 'PATCH') return new Response(null, { status: 202, headers });
    const bytes = Buffer.concat(chunks);
    if (digestOf(bytes) !== query.get('digest')) return wireError(400, 'DIGEST_INVALID', 'digest mismatch');
    this.addBlob(repository, new Uint8Array(bytes));
    this.#uploads.delete(session);
    return new Response(null, { status: 201 });
  }

  #openUpload(repository: string, query: URLSearchParams): Response {
    const mount = query.get('mount');
    const mounted = mount ? this.blob(query.get('from') ?? '', parseDigest(mount)) : undefined;
    if (mounted) {
      this.addBlob(repository, mounted);
      return new Response(null, { status: 201 });
    }
    const session = crypto.randomUUID();
    this.#uploads.set(session, []);
    return new Response(null, {
      status: 202,
      headers: { Location: `/v2/${repository}/blobs/uploads/${session}` },
    });
  }
}

/** A refusal in the protocol's form. */
export function wireError(
  status: number,
  code: string,
  message: string,
  headers: HeadersInit = {},
): Response {
  return Response.json({ errors: [{ code, message, detail: null }] }, { status, headers });
}
