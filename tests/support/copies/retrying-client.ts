/**
 * Pushes and pulls whole images as engines do: what fails by the network or by a hub that says 5xx or 429 is tried again, for a
 * while. Anything else that goes wrong is a fault of the hub.
 */
import { CorruptError, InvalidError, UnavailableError } from '../../../src/lib/errors.ts';
import { type Digest, digestOf } from '../../../src/oci/image/digest.ts';
import { mediaTypes } from '../../../src/oci/image/media-type.ts';
import { password } from '../../../src/hub/testing/hub-fixture.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

export interface Pushed {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Bytes | string;
}

/** In milliseconds: what is not done by then has failed. */
const patience = 180_000;
const requestTimeout = 60_000;
/** Of a token, well below the hub's five minutes. */
const tokenAge = 60_000;
const chunkSize = 3_000_000;

export class RetryingClient {
  readonly #url: string;
  readonly #account: string;
  readonly #tokens = new Map<string, { readonly token: string; readonly until: number }>();
  retries = 0;

  constructor(url: string, account: string) {
    this.#url = url;
    this.#account = account;
  }

  async signUp(): Promise<void> {
    const body = JSON.stringify({ username: this.#account, email: `${this.#account}@hub.test`, password });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.#url}/v2/users/signup/`, { method: 'POST', headers, body });
    if (answer.status !== 204) throw new InvalidError(`sign-up: ${answer.status} ${await answer.text()}`);
  }

  /** Resolves when the hub has acknowledged the image. */
  async push(repository: string, tag: string, layers: readonly Bytes[]): Promise<Pushed> {
    return await this.#again(`push of ${repository}:${tag}`, async () => {
      const config = new TextEncoder().encode(
        JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }),
      );
      const [first, ...rest] = await Promise.all(
        [config, ...layers].map((bytes) => this.#pushBlob(repository, bytes)),
      );
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { ...first, mediaType: mediaTypes.ociConfig },
        layers: rest,
      });
      const headers = { 'Content-Type': mediaTypes.ociManifest };
      const answer = await this.#send(repository, 'PUT', `manifests/${tag}`, { headers, body: manifest });
      await this.#require(answer, 201);
      return { repository, tag, digest: digestOf(manifest) };
    });
  }

  /** All of an image that was acknowledged. @throws CorruptError when any of it is missing or different. */
  async pull({ repository, digest }: Omit<Pushed, 'tag'>): Promise<void> {
    const manifest = await this.#bytes(repository, `manifests/${digest}`, digest);
    const { config, layers } = JSON.parse(new TextDecoder().decode(manifest)) as {
      config: Descriptor;
      layers: Descriptor[];
    };
    for (const blob of [config, ...layers])
      await this.#bytes(repository, `blobs/${blob.digest}`, blob.digest);
  }

  /** Resolves when the hub has acknowledged that the image is gone: by this request, or by one whose answer was lost. */
  async delete({ repository, digest }: Omit<Pushed, 'tag'>): Promise<void> {
    await this.#again(`removal of ${repository}@${digest}`, async () => {
      const answer = await this.#send(repository, 'DELETE', `manifests/${digest}`);
      if (answer.status !== 404) await this.#require(answer, 202);
    });
  }

  /** What the tag names; null: nothing. */
  async digestOfTag(repository: string, tag: string): Promise<string | null> {
    return await this.#again(`${repository}:${tag}`, async () => {
      const answer = await this.#send(repository, 'HEAD', `manifests/${tag}`);
      if (answer.status === 404) return null;
      await this.#require(answer, 200);
      return answer.headers.get('Docker-Content-Digest');
    });
  }

  /** One request is enough for a small blob; larger ones come in chunks, which any copy takes. */
  async #pushBlob(repository: string, bytes: Bytes): Promise<Descriptor> {
    const digest = digestOf(bytes);
    const head = await this.#send(repository, 'HEAD', `blobs/${digest}`);
    if (head.status === 200) return { mediaType: mediaTypes.ociLayer, digest, size: bytes.length };
    if (head.status !== 404) await this.#require(head, 200);
    if (bytes.length <= chunkSize) {
      const path = `blobs/uploads/?digest=${digest}`;
      await this.#require(await this.#send(repository, 'POST', path, { body: bytes }), 201);
    } else {
      await this.#pushChunks(repository, bytes, digest);
    }
    return { mediaType: mediaTypes.ociLayer, digest, size: bytes.length };
  }

  /** After each chunk, and after each failure, the upload stands where the hub says. */
  async #pushChunks(repository: string, bytes: Bytes, digest: Digest): Promise<void> {
    const begun = await this.#send(repository, 'POST', 'blobs/uploads/');
    await this.#require(begun, 202);
    const path = (begun.headers.get('Location') ?? '').replace(`/v2/${repository}/`, '');
    for (let at = 0; at < bytes.length;) {
      at = await this.#again(`chunk at ${at}`, async () => {
        const status = await this.#send(repository, 'GET', path);
        await this.#require(status, 204);
        const stands = standsAt(status);
        // All of it is there: the answer to the last chunk was lost.
        if (stands >= bytes.length) return stands;
        const end = Math.min(stands + chunkSize, bytes.length);
        const headers = { 'Content-Range': `${stands}-${end - 1}` };
        const body = bytes.slice(stands, end);
        await this.#require(await this.#send(repository, 'PATCH', path, { headers, body }), 202);
        return end;
      });
    }
    await this.#require(await this.#send(repository, 'PUT', `${path}?digest=${digest}`), 201);
  }

  async #bytes(repository: string, path: string, digest: Digest): Promise<Bytes> {
    return await this.#again(`${repository}/${path}`, async () => {
      const answer = await this.#send(repository, 'GET', path);
      await this.#require(answer, 200);
      const bytes = await answer.bytes();
      if (bytes.length !== Number(answer.headers.get('Content-Length') ?? bytes.length))
        throw new UnavailableError('the answer broke off');
      if (digestOf(bytes) !== digest) throw new CorruptError(`${repository}/${path} is not itself`);
      return bytes;
    });
  }

  async #send(repository: string, method: string, path: string, sent: Sent = {}): Promise<Response> {
    const headers = { ...sent.headers, Authorization: `Bearer ${await this.#token(repository)}` };
    const signal = AbortSignal.timeout(requestTimeout);
    return await fetch(`${this.#url}/v2/${repository}/${path}`, { ...sent, method, headers, signal });
  }

  async #token(repository: string): Promise<string> {
    const known = this.#tokens.get(repository);
    if (known && known.until > Date.now()) return known.token;
    const answer = await fetch(`${this.#url}/token?scope=repository:${repository}:pull,push,delete`, {
      headers: { Authorization: `Basic ${btoa(`${this.#account}:${password}`)}` },
      signal: AbortSignal.timeout(requestTimeout),
    });
    await this.#require(answer, 200);
    const { token } = (await answer.json()) as { token: string };
    this.#tokens.set(repository, { token, until: Date.now() + tokenAge });
    return token;
  }

  /** @throws UnavailableError for what may work later. */
  async #require(answer: Response, status: number): Promise<void> {
    if (answer.status === status) return;
    const text = `${answer.status} ${(await answer.text()).slice(0, 300)}`;
    const isPassing = answer.status >= 500 || answer.status === 429 || isOver(answer.status, text);
    throw isPassing ? new UnavailableError(text) : new InvalidError(text);
  }

  async #again<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (const end = Date.now() + patience; ;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof InvalidError || error instanceof CorruptError)
          throw new CorruptError(`${what}: ${error.message}`);
        if (Date.now() > end) throw new UnavailableError(`${what}, again and again: ${String(error)}`);
      }
      this.retries += 1;
      await Bun.sleep(200 + Math.random() * 1300);
    }
  }
}

/** An upload whose end was not heard of, or that another request still writes to; a blob that was collected in between. */
function isOver(status: number, text: string): boolean {
  return status === 416 || status === 409 || /BLOB_UPLOAD_UNKNOWN|MANIFEST_BLOB_UNKNOWN/.test(text);
}

function standsAt(status: Response): number {
  const [, last] = /^0-(\d+)$/.exec(status.headers.get('Range') ?? '') ?? [];
  return last === undefined || last === '0' ? 0 : Number(last) + 1;
}
