/** A hub in a temporary directory for tests, without a port: accounts, tokens, pushes in one line each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawBuilder } from 'kysely';
import { InvalidError } from '../../lib/errors.ts';
import { createLog, type Log } from '../../lib/log.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import type { HubConfig, HubFlags } from '../config.ts';
import { createHub, type Hub } from '../hub.ts';
import { type HubParts, openHubParts } from '../parts.ts';
import { checkAnswer } from './check-answer.ts';
import { blobsSettings } from './blobs-config.ts';
import { databaseSettings } from './database-config.ts';
import { testHubConfig } from './test-hub-config.ts';
import { testSelf } from './test-self.ts';

export const origin = 'http://hub.test';
export const password = 'correct horse battery';

export interface SendOptions {
  readonly token?: string | undefined;
  /** Of the client, as the hub's socket sees it. */
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | object;
}

export interface PushedImage {
  readonly digest: Digest;
  readonly bytes: string;
  readonly config: Digest;
  readonly layer: Digest;
}

/** How a hub is set up that is not as it comes. */
export interface HubSetup {
  /** Its environment: `CAIS_HUB_SIGN_UP` and the like. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Log;
}

export class HubFixture implements AsyncDisposable {
  readonly directory: string;
  readonly #setup: HubSetup;
  #hub: Hub;

  private constructor(directory: string, setup: HubSetup, hub: Hub) {
    this.directory = directory;
    this.#setup = setup;
    this.#hub = hub;
  }

  /** @param names of accounts to sign up, the first one an administrator. */
  static create(...names: readonly string[]): Promise<HubFixture> {
    return HubFixture.createWith({}, ...names);
  }

  static async createWith(given: HubSetup, ...names: readonly string[]): Promise<HubFixture> {
    const directory = await mkdtemp(join(tmpdir(), 'cais-hub-test-'));
    const settings = { ...(await databaseSettings()), ...blobsSettings(), ...given.settings };
    const setup = { ...given, settings };
    const fixture = new HubFixture(directory, setup, await open(directory, setup));
    for (const username of names) {
      await fixture.send('POST', '/v2/users/signup/', {
        body: { username, email: `${username}@hub.test`, password },
      });
    }
    return fixture;
  }

  /** Over data that is there already; the directory goes with it. */
  static async at(directory: string, setup: HubSetup): Promise<HubFixture> {
    return new HubFixture(directory, setup, await open(directory, setup));
  }

  /** Settings of another hub, with an empty database of the kind that this one has. */
  async newDatabase(): Promise<Readonly<Record<string, string>>> {
    return await databaseSettings();
  }

  async send(method: string, path: string, options: SendOptions = {}): Promise<Response> {
    const { token, headers = {}, body, address = '192.0.2.1' } = options;
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
    const init: RequestInit = {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && !isRaw && { 'Content-Type': 'application/json' }),
        ...headers,
      },
    };
    if (body !== undefined) init.body = isRaw ? body : JSON.stringify(body);
    const request = new Request(path.startsWith('http') ? path : origin + path, init);
    const response = await this.#hub.fetch(request, { address });
    await checkAnswer(request, response);
    return response;
  }

  /** At the address that `--metrics-listen` names. */
  operations(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#hub.fetchOperations(new Request(origin + path, { headers }));
  }

  /** As the global fetch, for clients that take one. */
  fetch(url: string, init: RequestInit): Promise<Response> {
    return this.#hub.fetch(new Request(url, init));
  }

  /** A session of the JSON API. */
  async session(username: string): Promise<string> {
    const response = await this.send('POST', '/v2/users/login/', { body: { username, password } });
    return ((await response.json()) as { token: string }).token;
  }

  /** A registry token. @param username undefined: anonymous. */
  async token(username: string | undefined, ...scopes: readonly string[]): Promise<string> {
    const query = new URLSearchParams(scopes.map((scope) => ['scope', scope]));
    const headers = username === undefined ? {} : basic(username, password);
    const response = await this.send('GET', `/token?${query}`, { headers });
    return (await bodyOf<{ token: string }>(response)).token;
  }

  /** A token for everything in the repository, as far as the account may. */
  fullToken(username: string, repository: string): Promise<string> {
    return this.token(username, `repository:${repository}:pull,push,delete`);
  }

  async pushBlob(token: string, repository: string, bytes: string): Promise<Digest> {
    const digest = digestOf(bytes);
    const response = await this.send('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, {
      token,
      body: bytes,
    });
    if (response.status !== 201)
      throw new InvalidError(`blob refused: ${response.status} ${await response.text()}`);
    return digest;
  }

  /** A small image with one layer; its parts differ with `content`. */
  async pushImage(username: string, repository: string, tag: string, content = tag): Promise<PushedImage> {
    const token = await this.fullToken(username, repository);
    const layerBytes = `layer of ${content}`;
    const configBytes = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [digestOf(layerBytes)] },
      history: [
        { created: '2026-01-02T03:04:05Z', created_by: `RUN make ${content}` },
        { created_by: 'CMD ["sh"]', empty_layer: true },
      ],
    });
    const layer = await this.pushBlob(token, repository, layerBytes);
    const config = await this.pushBlob(token, repository, configBytes);
    const bytes = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: config, size: configBytes.length },
      layers: [{ mediaType: mediaTypes.ociLayer, digest: layer, size: layerBytes.length }],
    });
    const response = await this.putManifest(token, repository, tag, bytes);
    if (response.status !== 201)
      throw new InvalidError(`manifest refused: ${response.status} ${await response.text()}`);
    return { digest: digestOf(bytes), bytes, config, layer };
  }

  putManifest(
    token: string,
    repository: string,
    reference: string,
    bytes: string,
    contentType: string = mediaTypes.ociManifest,
  ): Promise<Response> {
    const headers = { 'Content-Type': contentType };
    return this.send('PUT', `/v2/${repository}/manifests/${reference}`, { token, body: bytes, headers });
  }

  /** Its environment, in which a verb of the shell finds the same database and blobs. */
  get environment(): Readonly<Record<string, string>> {
    return { ...this.#setup.settings, CAIS_DATA: this.directory };
  }

  /** Of this hub's data, for another hub over the same. */
  config(flags: HubFlags = {}): HubConfig {
    return testHubConfig({ ...flags, data: this.directory }, this.#setup.settings);
  }

  /** The same data as the shell's verbs open it, while the hub serves. */
  openParts(): Promise<HubParts> {
    return openHubParts(this.config(), createLog('hub', 'silent'));
  }

  /** A statement from outside, as an administrator may send it to the database. */
  async query<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]> {
    await using parts = await this.openParts();
    return (await statement.execute(parts.database.queries)).rows;
  }

  /** Another hub over the same blobs and keys. Dispose it first: the directory goes with whichever ends first. */
  async over(settings: Readonly<Record<string, string>>): Promise<HubFixture> {
    const setup = { ...this.#setup, settings: { ...this.#setup.settings, ...settings } };
    return new HubFixture(this.directory, setup, await open(this.directory, setup));
  }

  /** Closes the hub and opens it again over the same directory. */
  async restart(): Promise<void> {
    await this.#hub[Symbol.asyncDispose]();
    this.#hub = await open(this.directory, this.#setup);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function open(
  directory: string,
  { settings = {}, log = createLog('hub', 'silent') }: HubSetup,
): Promise<Hub> {
  return createHub(testHubConfig({ data: directory }, settings), { self: testSelf, log });
}

/** The header that clients send a name and a password or an access token in. */
export function basic(username: string, secret: string): Readonly<Record<string, string>> {
  return { Authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` };
}

/** An answer's JSON, as the test knows it to be. */
export async function bodyOf<T = Record<string, unknown>>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

/** The codes in a registry's refusal. */
export async function codesOf(response: Response): Promise<readonly string[]> {
  const body = (await response.json()) as { errors: readonly { code: string }[] };
  return body.errors.map(({ code }) => code);
}

/** Different for each answer, and telling nothing. */
const ofEachAnswer: ReadonlySet<string> = new Set(['date', 'x-request-id']);

/** All that a client can tell two answers apart by. */
export async function fingerprint(response: Response): Promise<object> {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !ofEachAnswer.has(name)));
  return { status: response.status, headers, body: await response.text() };
}
