/**
 * A client that behaves as the official conformance suites do: the first request goes without credentials, the scope is taken
 * from the challenge, and the token is kept for one repository and one kind of action, however far it reaches.
 * https://github.com/opencontainers/distribution-spec/tree/main/conformance
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';
import { createLog } from '../../../lib/log.ts';
import { type Digest, type DigestAlgorithm, digestOf } from '../../../oci/image/digest.ts';
import { testHubConfig } from '../../testing/test-hub-config.ts';
import { createHub } from '../../hub.ts';
import { serveHub } from '../../server.ts';
import { password } from '../../testing/hub-fixture.ts';
import { testSelf } from '../../testing/test-self.ts';

export const repo1 = 'conformance/repo1';
export const repo2 = 'conformance/team/deep/repo2';

export interface SuiteRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | string;
}

export class SuiteClient implements AsyncDisposable {
  readonly url: string;
  readonly #tokens = new Map<string, string>();
  readonly #stack: AsyncDisposableStack;

  private constructor(url: string, stack: AsyncDisposableStack) {
    this.url = url;
    this.#stack = stack;
  }

  /** A hub on a port of its own, and an account on it. */
  static async start(): Promise<SuiteClient> {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'cais-hub-conformance-'));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    const config = testHubConfig({ data: directory, listen: '127.0.0.1:0' });
    const hub = stack.use(await createHub(config, { self: testSelf, log: createLog('hub', 'silent') }));
    const { url } = stack.use(serveHub(hub, config.listen));
    await fetch(`${url}/v2/users/signup/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'conformance', email: 'c@hub.test', password }),
    });
    return new SuiteClient(url, stack.move());
  }

  /** @param path below /v2/, or a Location. */
  async send(method: string, path: string, { headers = {}, body }: SuiteRequest = {}): Promise<Response> {
    const address = path.startsWith('/') ? path : `/v2/${path}`;
    const key = `${/^\/v2\/(.+)\/(?:blobs|manifests|tags|referrers)\//.exec(address)?.[1] ?? ''} ${kindOf(method)}`;
    const init = (token?: string): RequestInit => ({
      method,
      headers: { ...headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body }),
    });
    // A stream can be sent once: the suites hold a token by then.
    const first = await fetch(this.url + address, init(this.#tokens.get(key)));
    if (first.status !== 401) return first;
    await first.arrayBuffer();
    const token = await this.#signIn(first.headers.get('WWW-Authenticate') ?? '');
    this.#tokens.set(key, token);
    return fetch(this.url + address, init(token));
  }

  /** The session of a new upload. */
  async startUpload(repository: string): Promise<string> {
    const response = await this.send('POST', `${repository}/blobs/uploads/`);
    return response.headers.get('Location') ?? '';
  }

  async pushBlob(
    repository: string,
    bytes: Uint8Array<ArrayBuffer> | string,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<Digest> {
    const digest = digestOf(bytes, algorithm);
    const location = await this.startUpload(repository);
    const response = await this.send('PUT', `${location}?digest=${digest}`, { body: bytes });
    if (response.status !== 201) throw new InvalidError(`blob refused: ${await response.text()}`);
    return digest;
  }

  pushManifest(repository: string, reference: string, bytes: string, mediaType: string): Promise<Response> {
    const headers = { 'Content-Type': mediaType };
    return this.send('PUT', `${repository}/manifests/${reference}`, { headers, body: bytes });
  }

  /** One `scope` parameter with the whole scope of the challenge. */
  async #signIn(challenge: string): Promise<string> {
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const query = new URLSearchParams({ service: parameters.get('service') ?? '' });
    const scope = parameters.get('scope');
    if (scope !== undefined) query.set('scope', scope);
    const response = await fetch(`${parameters.get('realm')}?${query}`, {
      headers: { Authorization: `Basic ${btoa(`conformance:${password}`)}` },
    });
    return ((await response.json()) as { token: string }).token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function kindOf(method: string): string {
  if (method === 'DELETE') return 'DELETE';
  return method === 'GET' || method === 'HEAD' ? 'pull' : 'push';
}
