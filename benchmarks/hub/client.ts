/** Pushes and pulls as engines do, with a client that costs little. */
import { CorruptError } from '../../src/lib/errors.ts';
import { type Digest, digestOf } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import type { Registry } from './registries.ts';

export type Body = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/** All that is sent of an image, hashed already: that is not the registry's work. */
export interface PreparedImage {
  readonly tag: string;
  readonly blobs: readonly { readonly bytes: Uint8Array<ArrayBuffer>; readonly digest: Digest }[];
  readonly manifest: Uint8Array<ArrayBuffer>;
}

/** An image with one layer of these bytes. */
export function prepareImage(layer: Uint8Array<ArrayBuffer>, tag: string): PreparedImage {
  const encoder = new TextEncoder();
  const config = encoder.encode(
    JSON.stringify({ os: 'linux', architecture: 'amd64', tag, rootfs: { type: 'layers', diff_ids: [] } }),
  );
  const blobs = [layer, config].map((bytes) => ({ bytes, digest: digestOf(bytes) }));
  const [layers, configs] = blobs.map(({ bytes, digest }, index) => ({
    mediaType: index === 0 ? mediaTypes.ociLayerGzip : mediaTypes.ociConfig,
    digest,
    size: bytes.length,
  }));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: configs,
    layers: [layers],
  };
  return { tag, blobs, manifest: encoder.encode(JSON.stringify(manifest)) };
}

export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  // The source of random bytes gives so many at a time.
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

export class BenchClient {
  readonly #registry: Registry;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(registry: Registry, headers: Readonly<Record<string, string>>) {
    this.#registry = registry;
    this.#headers = headers;
  }

  static async of(registry: Registry): Promise<BenchClient> {
    return new BenchClient(registry, await registry.headers());
  }

  /** POST and one PUT. */
  async pushBlob(body: Body, digest: Digest): Promise<void> {
    await this.#finish(await this.#begin(), digest, body);
  }

  /** POST, a PATCH for each chunk, and a PUT. */
  async pushChunks(file: Blob, digest: Digest, chunks: number): Promise<void> {
    let location = await this.#begin();
    const size = Math.ceil(file.size / chunks);
    for (let at = 0; at < file.size; at += size) {
      const chunk = file.slice(at, Math.min(at + size, file.size));
      const headers = {
        'Content-Range': `${at}-${at + chunk.size - 1}`,
        'Content-Length': String(chunk.size),
        'Content-Type': 'application/octet-stream',
      };
      const response = await this.#send('PATCH', location, 202, headers, chunk);
      location = this.#locationOf(response);
    }
    await this.#finish(location, digest);
  }

  async pushImage({ blobs, manifest, tag }: PreparedImage): Promise<void> {
    for (const { bytes, digest } of blobs) await this.pushBlob(bytes, digest);
    const headers = { 'Content-Type': mediaTypes.ociManifest };
    await this.#send('PUT', this.address(`manifests/${tag}`), 201, headers, manifest);
  }

  /** HEAD and GET of the manifest, then config and layers. */
  async pullImage(tag: string): Promise<void> {
    const headers = { Accept: mediaTypes.ociManifest };
    await this.#send('HEAD', this.address(`manifests/${tag}`), 200, headers);
    const response = await this.#send('GET', this.address(`manifests/${tag}`), 200, headers);
    const { config, layers } = (await response.json()) as { config: Descriptor; layers: Descriptor[] };
    for (const { digest, size } of [config, ...layers]) {
      const blob = await (await this.#send('GET', this.address(`blobs/${digest}`), 200)).arrayBuffer();
      if (blob.byteLength !== size) throw new CorruptError(`${digest} has ${blob.byteLength} bytes`);
    }
  }

  /** @param path below the repository. */
  address(path: string): string {
    return `${this.#registry.url}/v2/${this.#registry.repository}/${path}`;
  }

  async #begin(): Promise<URL> {
    return this.#locationOf(await this.#send('POST', this.address('blobs/uploads/'), 202));
  }

  async #finish(location: URL, digest: Digest, body?: Body): Promise<void> {
    location.searchParams.set('digest', digest);
    const headers = { 'Content-Type': 'application/octet-stream' };
    await this.#send('PUT', location.href, 201, headers, body);
  }

  #locationOf(response: Response): URL {
    return new URL(response.headers.get('Location') ?? '', this.#registry.url);
  }

  async #send(
    method: string,
    url: string | URL,
    expected: number,
    headers: Readonly<Record<string, string>> = {},
    body?: Body,
  ): Promise<Response> {
    const init = { method, headers: { ...headers, ...this.#headers }, ...(body !== undefined && { body }) };
    const response = await fetch(url, init);
    if (response.status === expected) return response;
    throw new CorruptError(`${method} ${String(url)}: ${response.status} ${await response.text()}`);
  }
}

/** For somebody without an account. */
export async function anonymousToken(url: string, scope: string): Promise<string> {
  const response = await fetch(`${url}/token?scope=${encodeURIComponent(scope)}`);
  return ((await response.json()) as { token: string }).token;
}
