/** A hub with an upstream registry of the test's own, and what a client without an account does with both. */
import { expect } from 'bun:test';
import { FakeRegistry, type Intercept } from './fake-registry.ts';
import { type Digest, digestOf } from '../../src/oci/image/digest.ts';
import { HubFixture } from '../../src/hub/testing/hub-fixture.ts';

export interface HubWithUpstream extends AsyncDisposable {
  readonly hub: HubFixture;
  readonly upstream: FakeRegistry;
  /** With a token for the repository, as a client asks for it. @param path below /v2/. */
  send(method: 'GET' | 'HEAD', path: string, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  head(path: string): Promise<Response>;
  /** The blob, whole. */
  blob(repository: string, digest: Digest): Promise<Uint8Array>;
  /** Everything that a tag names. @returns the manifest's digest. */
  pull(repository: string, tag: string): Promise<Digest>;
  /** Blobs and manifests that the cache holds. */
  held(): Promise<readonly string[]>;
}

/** @param settings of the hub; its upstreams are docker.io and ghcr.io, both the same registry. */
export async function startHubWithUpstream(
  settings: Readonly<Record<string, string>> = {},
  ...accounts: readonly string[]
): Promise<HubWithUpstream> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(new FakeRegistry());
  const address = `http://${upstream.host}`;
  const given = { CAIS_HUB_UPSTREAM: `${address} ghcr.io=${address}`, ...settings };
  const hub = stack.use(await HubFixture.createWith({ settings: given }, ...accounts));
  const started = stack.move();
  const setting: HubWithUpstream = {
    hub,
    upstream,
    async send(method, path, headers = {}) {
      const repository = /^(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1] ?? '';
      const named = new URLSearchParams(path.split('?')[1]).get('ns');
      const prefix = named === null || named === 'docker.io' ? '' : `${named}/`;
      const token = await hub.token(undefined, `repository:${prefix}${repository}:pull`);
      return hub.send(method, `/v2/${path}`, { token, headers });
    },
    get: (path, headers) => setting.send('GET', path, headers),
    head: (path) => setting.send('HEAD', path),
    async blob(repository, digest) {
      const response = await setting.get(`${repository}/blobs/${digest}`);
      expect(response.status).toBe(200);
      return response.bytes();
    },
    async pull(repository, tag) {
      const response = await setting.get(`${repository}/manifests/${tag}`);
      expect(response.status).toBe(200);
      const bytes = await response.bytes();
      const { config, layers } = JSON.parse(new TextDecoder().decode(bytes)) as {
        config: { digest: Digest };
        layers: { digest: Digest }[];
      };
      for (const { digest } of [config, ...layers])
        expect(digestOf(await setting.blob(repository, digest))).toBe(digest);
      return digestOf(bytes);
    },
    async held() {
      await using parts = await hub.openParts();
      const { queries } = parts.database;
      const blobs = await queries.selectFrom('cached_blobs').select('digest').execute();
      const manifests = await queries.selectFrom('cached_manifests').select('digest').execute();
      return [...blobs, ...manifests].map(({ digest }) => digest).toSorted();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
  return setting;
}

/** Answers in the place of the blob. */
export const forBlob =
  (repository: string, digest: Digest, answer: (request: Request) => Response | undefined): Intercept =>
  (request, line) =>
    line === `GET /v2/${repository}/blobs/${digest}` ? answer(request) : undefined;

/** Larger than what is withheld of a blob until it is verified. */
export const largeBlob = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 2_654_435_761) >>> 13);
