/** Pushes and pulls whole images over HTTP as engines do: blobs that are there are left out, what comes back is verified. */
import { CorruptError, UnavailableError } from '../../lib/errors.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { password } from './hub-fixture.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Bytes | string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

export class ImageClient {
  readonly #url: string;
  readonly #account: string;
  readonly #tokens = new Map<string, string>();

  constructor(url: string, account: string) {
    this.#url = url;
    this.#account = account;
  }

  static async signUp(url: string, account: string): Promise<ImageClient> {
    await fetch(`${url}/v2/users/signup/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: account, email: `${account}@hub.test`, password }),
    });
    return new ImageClient(url, account);
  }

  /**
   * The image's digest; undefined when the hub refused the manifest, since a blob was collected that it had told was there.
   * @param beforeManifest what a slow client does in between.
   */
  async push(
    repository: string,
    tag: string,
    layers: readonly Bytes[],
    beforeManifest: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Digest | undefined> {
    const config = new TextEncoder().encode(
      JSON.stringify({ os: 'linux', architecture: 'amd64', tag, rootfs: { type: 'layers', diff_ids: [] } }),
    );
    const blobs: Descriptor[] = [];
    for (const bytes of [config, ...layers]) blobs.push(await this.#pushBlob(repository, bytes));
    await beforeManifest();
    const [first, ...rest] = blobs;
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { ...first, mediaType: mediaTypes.ociConfig },
      layers: rest,
    });
    const response = await this.send(repository, 'PUT', `manifests/${tag}`, {
      headers: { 'Content-Type': mediaTypes.ociManifest },
      body: manifest,
    });
    const answer = await response.text();
    if (response.status === 201) return digestOf(manifest);
    if (answer.includes('MANIFEST_BLOB_UNKNOWN')) return undefined;
    throw new UnavailableError(`manifest refused: ${response.status} ${answer}`);
  }

  /** Everything that the manifest names. @throws CorruptError when anything is missing or different. */
  async pull(repository: string, reference: string): Promise<void> {
    const manifest = await this.#bytes(repository, `manifests/${reference}`);
    if (reference.includes(':') && digestOf(manifest) !== reference)
      throw new CorruptError('another manifest');
    const { config, layers } = JSON.parse(new TextDecoder().decode(manifest)) as {
      config: Descriptor;
      layers: Descriptor[];
    };
    for (const { digest, size } of [config, ...layers]) {
      const bytes = await this.#bytes(repository, `blobs/${digest}`);
      if (bytes.length !== size || digestOf(bytes) !== digest)
        throw new CorruptError(`${digest} is not itself`);
    }
  }

  async send(repository: string, method: string, path: string, init: SendOptions = {}): Promise<Response> {
    const headers = { ...init.headers, Authorization: `Bearer ${await this.token(repository)}` };
    return fetch(`${this.#url}/v2/${repository}/${path}`, { ...init, method, headers });
  }

  async #pushBlob(repository: string, bytes: Bytes): Promise<Descriptor> {
    const digest = digestOf(bytes);
    const descriptor = { mediaType: mediaTypes.ociLayerGzip, digest, size: bytes.length };
    const head = await this.send(repository, 'HEAD', `blobs/${digest}`);
    if (head.status === 200) return descriptor;
    const response = await this.send(repository, 'POST', `blobs/uploads/?digest=${digest}`, { body: bytes });
    if (response.status === 201) return descriptor;
    throw new UnavailableError(`blob refused: ${response.status} ${await response.text()}`);
  }

  async #bytes(repository: string, path: string): Promise<Bytes> {
    const response = await this.send(repository, 'GET', path);
    if (response.status === 200) return new Uint8Array(await response.arrayBuffer());
    throw new CorruptError(`${repository}/${path}: ${response.status} ${await response.text()}`);
  }

  /** For all that may be done in the repository. */
  async token(repository: string): Promise<string> {
    const known = this.#tokens.get(repository);
    if (known !== undefined) return known;
    const response = await fetch(`${this.#url}/token?scope=repository:${repository}:pull,push,delete`, {
      headers: { Authorization: `Basic ${btoa(`${this.#account}:${password}`)}` },
    });
    const { token } = (await response.json()) as { token: string };
    this.#tokens.set(repository, token);
    return token;
  }
}
